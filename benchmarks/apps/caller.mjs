// One round of a JavaScript client: `caller.mjs MODULE URL`. Prints figures as JSON.
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
