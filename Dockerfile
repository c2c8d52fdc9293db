# docker build -t genquota . && docker run --rm -p 127.0.0.1:4000:4000 genquota
# Alone it runs in embedded mode on its /data volume; docker-compose.yml runs it as a service.

FROM node:24-slim AS base
WORKDIR /app
COPY package.json package-lock.json ./

FROM base AS build
# --ignore-scripts: `prepare` would build before the sources are here; no dependency needs its scripts.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ormconfig.ts ./
COPY src src
RUN npm run build

FROM base AS dependencies
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:24-slim
ENV NODE_ENV=production HOST=0.0.0.0 DATA_DIR=/data TMPDIR=/data
WORKDIR /app
# Everything here belongs to root and is only read; /data is the one place the gateway writes.
RUN mkdir -p /data/outputs && chown -R node:node /data
COPY --from=dependencies /app/node_modules node_modules
COPY package.json catalog.json LICENSE ./
COPY web web
COPY schema schema
COPY --from=build /app/dist dist
USER node
VOLUME /data
EXPOSE 4000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 4000}/healthz`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "dist/src/main.js"]
CMD ["serve"]
