// One round of a JavaScript client: `caller.mjs MODULE URL`. Prints figures as JSON. On a server of ours a call also takes
// turns with the bare `fetch` of the same request.
const [module, url] = process.argv.slice(2);
const found = {};
let begun = performance.now();
const { Client } = await import(module);
found.import = performance.now() - begun;
begun = performance.now();
const client = await Client.connect(url, { events: ["data"] });
found.connect = performance.now() - begun;
const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];
const took = [];
for (let i = 0; i < 300; i++) {
  begun = performance.now();
  await client.predict("/echo", [`${i}`]);
  took.push(performance.now() - begun);
}
found.predict = median(took);
if (client.config.spaceport) {
  const beside = [];
  const bare = [];
  const headers = { "content-type": "application/json", accept: "text/event-stream" };
  for (let i = 0; i < 300; i++) {
    begun = performance.now();
    await client.predict("/echo", [`${i}`]);
    beside.push(performance.now() - begun);
    begun = performance.now();
    const body = JSON.stringify({ data: [`${i}`] });
    await (await fetch(`${url}/gradio_api/call/echo?events=messages`, { method: "POST", headers, body })).text();
    bare.push(performance.now() - begun);
  }
  found.beside = median(beside);
  found.fetch = median(bare);
}
begun = performance.now();
await Promise.all(Array.from({ length: 50 }, (_, i) => client.predict("/echo", [`${i}`])));
found["50 calls"] = performance.now() - begun;
const cpu = process.cpuUsage();
let count = 0;
for await (const _ of client.submit("/burst", [10_000])) count++;
const used = process.cpuUsage(cpu);
found["stream cpu"] = (used.user + used.system) / 1000;
found.messages = count;
console.log(JSON.stringify(found));
process.exit(0);
