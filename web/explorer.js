import { adoptTokenFromAddress, token } from '/studio/session.js';

const DEFAULT_QUERY = `# Your token goes into the Headers tab below:
#   { "Authorization": "Bearer …" }
# To make one: npx genquota token --account you

query Quota {
  quota {
    plan { name }
    unlimited
    limit
    granted
    used
    held
    remaining
    resetsAt
  }
}

# The present value, then every change: run it,
# then press Generate ✨ in the Studio.
subscription QuotaChanged {
  quotaChanged { remaining used held revision }
}

mutation Generate {
  generate(input: {
    requestId: "a new one for every press"
    action: "image.generate"
    prompt: "A paper boat at dawn"
  }) {
    ... on GenerationAccepted {
      replayed
      generation { id status }
      quota { remaining }
    }
    ... on QuotaExhausted {
      message
      resetsAt
      upgrades { name limit }
    }
  }
}
`;

const clients = new Map();

/** One WebSocket client per token: the Headers editor may change it between two runs. */
function clientFor(authorization) {
  let client = clients.get(authorization);
  if (client === undefined) {
    client = window.graphqlWs.createClient({
      url: `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/graphql`,
      connectionParams: authorization === undefined ? {} : { authorization },
    });
    clients.set(authorization, client);
  }
  return client;
}

function isSubscription({ operationName }, documentAST) {
  const operations = (documentAST?.definitions ?? []).filter(
    ({ kind }) => kind === 'OperationDefinition',
  );
  const chosen = operations.find(({ name }) => name?.value === operationName) ?? operations[0];
  return chosen?.operation === 'subscription';
}

/** The events of a subscription, ended at once by `return`: an async generator would wait for one more event first. */
function follow(params, authorization) {
  const events = clientFor(authorization).iterate(params);
  return {
    next: () => events.next().catch(inWords),
    return: () => events.return(),
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/** A socket the server closed says why in its close event, which prints as nothing. */
function inWords(fault) {
  throw fault?.code === undefined ? fault : new Error(`${fault.code}: ${fault.reason}`);
}

async function fetcher(params, options = {}) {
  const headers = options.headers ?? {};
  const authorization = headers.Authorization ?? headers.authorization;
  if (isSubscription(params, options.documentAST)) return follow(params, authorization);
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(params),
  });
  return response.json();
}

adoptTokenFromAddress();
const known = token();
window.YogaGraphiQL.renderYogaGraphiQL(document.querySelector('#root'), {
  fetcher,
  defaultQuery: DEFAULT_QUERY,
  initialHeaders: JSON.stringify({ Authorization: `Bearer ${known ?? ''}`.trim() }, null, 2),
  // The token stays in this tab.
  shouldPersistHeaders: false,
  title: '<span class="explorer-name">genquota explorer</span>',
  logo: '<img src="/favicon.svg" width="28" height="28" alt="" />',
});
