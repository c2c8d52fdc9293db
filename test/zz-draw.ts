import { readFileSync, writeFileSync } from 'node:fs';
import sharp from 'sharp';
import { systemClock } from '../src/clock.js';
import { makeSketch } from '../src/provider/sketch.js';
import { aJob, aSource, bytesOf } from './contract/provider.samples.js';
const P = '/tmp/h/pics/';
const sketch = makeSketch({ clock: systemClock });
async function run(rest: any) {
  const t = performance.now(); const c = process.cpuUsage();
  const job = aJob(rest);
  const problem = sketch.check!(job);
  if (problem) throw new Error(problem);
  const o = await sketch.dispatch(job, new AbortController().signal);
  if (o.kind !== 'delivered') throw new Error(JSON.stringify(o));
  const cpu = process.cpuUsage(c);
  console.log(rest.action, rest.prompt, 'ms', Math.round(performance.now() - t), 'cpu', Math.round((cpu.user + cpu.system) / 1000), o.files.length);
  return Promise.all(o.files.map((f) => bytesOf(f.content)));
}
async function sheet(name: string, files: Buffer[], side = 300) {
  const cols = Math.min(4, files.length);
  const rows = Math.ceil(files.length / cols);
  const inputs = await Promise.all(files.map(async (f, i) => ({ input: await sharp(f).resize(side, side, { fit: 'contain' }).png().toBuffer(), left: (i % cols) * (side + 6), top: Math.floor(i / cols) * (side + 6) })));
  writeFileSync(P + name, await sharp({ create: { width: cols * (side + 6), height: rows * (side + 6), channels: 3, background: 'white' } }).composite(inputs).png().toBuffer());
}
async function frames(file: Buffer, picks: number[]) {
  return Promise.all(picks.map((page) => sharp(file, { page }).png().toBuffer()));
}
const it = (f: any, _n?: number) => f();
it(async () => {
  const stills = await run({ action: 'image.generate', kind: 'image', prompt: 'a red fox', outputCount: 4 });
  const stills2 = await run({ action: 'image.generate', kind: 'image', prompt: 'a lighthouse at night', outputCount: 4 });
  await sheet('stills.png', [...stills, ...stills2]);
  const styles = await run({ action: 'style.create', kind: 'style', prompt: 'warm paper', outputCount: 4 });
  const styled = await run({ action: 'image.generate', kind: 'image', prompt: 'a red fox', outputCount: 2, sources: [aSource(styles[1]!, { kind: 'style' })] });
  const tinted = await run({ action: 'image.generate', kind: 'image', prompt: 'a red fox', outputCount: 2, sources: [aSource(stills2[0]!, {})] });
  await sheet('styles.png', [...styles, ...styled, ...tinted]);
  const photo = await sharp(process.env.PHOTO ?? '/work/main/docs/studio.png').resize(800).png().toBuffer();
  const edits = await run({ action: 'image.edit', kind: 'image', prompt: 'make it winter', outputCount: 4, sources: [aSource(stills[0]!)] });
  const edits2 = await run({ action: 'image.edit', kind: 'image', prompt: 'as an old poster', outputCount: 2, sources: [aSource(photo)] });
  await sheet('edits.png', [stills[0]!, ...edits, photo, ...edits2]);
  const video = (await run({ action: 'video.generate', kind: 'video', prompt: 'a valley at night', outputCount: 1 }))[0]!;
  const big = (await run({ action: 'video.generate', kind: 'video', prompt: 'a valley', settings: { size: '512x512', durationMs: 4000 } }))[0]!;
  const started = (await run({ action: 'video.generate', kind: 'video', prompt: 'a valley', sources: [aSource(stills[1]!)] }))[0]!;
  const both = (await run({ action: 'video.generate', kind: 'video', prompt: 'a valley', settings: { size: '512x512', durationMs: 4000 }, sources: [aSource(stills[1]!), aSource(stills[3]!)] }))[0]!;
  writeFileSync(P + 'video.webp', video);
  console.log(video.length, big.length, started.length, both.length);
  await sheet('video.png', [...(await frames(video, [0, 8, 16, 23])), ...(await frames(started, [0, 8, 16, 23])), ...(await frames(both, [0, 16, 32, 47]))], 256);
  const src = aSource(video, { kind: 'video', contentType: 'image/webp', durationMs: 2000 });
  const ve = await run({ action: 'video.edit', kind: 'video', prompt: 'dreamy', outputCount: 3, sources: [src] });
  for (const v of ve) console.log((await sharp(v).metadata()).delay?.slice(0, 3));
  await sheet('vedit.png', (await Promise.all(ve.map((v) => frames(v, [0, 8, 16, 23])))).flat(), 256);
  const f1 = await run({ action: 'frame.start.generate', kind: 'frame', prompt: 'x', outputCount: 1, sources: [src] });
  const f2 = await run({ action: 'frame.end.generate', kind: 'frame', prompt: 'x', outputCount: 1, sources: [src] });
  const f3 = await run({ action: 'frame.start.generate', kind: 'frame', prompt: 'pine lake', outputCount: 1 });
  const f4 = await run({ action: 'frame.end.generate', kind: 'frame', prompt: 'pine lake', outputCount: 1 });
  await sheet('frames.png', [f1[0]!, f2[0]!, f3[0]!, f4[0]!]);
  const a = (await run({ action: 'audio.generate', kind: 'audio', prompt: 'a song', outputCount: 2 }));
  writeFileSync(P + 'a.wav', a[0]!);
  await run({ action: 'audio.generate', kind: 'audio', prompt: 'a song', settings: { durationMs: 10000 } });
  const ae = (await run({ action: 'audio.edit', kind: 'audio', prompt: 'a cave', outputCount: 2, sources: [aSource(a[0]!, { kind: 'audio', contentType: 'audio/wav', durationMs: 3000 })] }));
  writeFileSync(P + 'ae.wav', ae[0]!);
}, 60000);
