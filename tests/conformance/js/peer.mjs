// The unmodified @gradio/client against the server named on the command line; prints one JSON object.
import { Client } from "@gradio/client";

const url = process.argv[2];
const seen = {};
const outcome = async (run) => {
  try {
    return await run();
  } catch (error) {
    return `error: ${error?.message ?? error}`;
  }
};
console.warn = console.error = console.log.bind(null) && (() => {});

const client = await Client.connect(url, { events: ["data", "status", "log"] });
seen.greet = (await client.predict("/greet", ["Bob"])).data;
seen.keywords = (await client.predict("/add", { a: 1, b: 5 })).data;
seen.defaults = (await client.predict("/add", { a: 1 })).data;
const steps = [];
for await (const message of client.submit("/count", ["w", 4])) {
  if (message.type === "data") steps.push(message.data[0]);
  if (message.type === "status" && ["complete", "error"].includes(message.stage)) break;
}
seen.stream = steps;
const nested = [];
for await (const message of client.submit("/agen", [3])) {
  if (message.type === "data") nested.push(JSON.stringify(message.data[0]));
  if (message.type === "status" && ["complete", "error"].includes(message.stage)) break;
}
seen.nested = nested;
seen.state = [(await client.predict("/total", [5])).data, (await client.predict("/total", { x: 6 })).data];
seen.direct = (await client.predict("/direct", ["x"])).data;
seen.shown_error = await outcome(() => client.predict("/shown_error", ["x"]));
seen.ill_typed = await outcome(async () => (await client.predict("/add", ["x"])).data);
const job = client.submit("/count", ["w", 500]);
const ending = [];
setTimeout(() => job.cancel(), 300);
for await (const message of job) {
  if (message.type === "status" && ["complete", "error"].includes(message.stage)) {
    ending.push(message.stage, message.message);
    break;
  }
}
seen.cancel = ending;
const logs = [];
for await (const message of client.submit("/logs", ["x"])) {
  if (message.type === "log") logs.push(message.log);
  if (message.type === "status" && ["complete", "error"].includes(message.stage)) break;
}
seen.logs = logs;
client.close();
process.stdout.write(JSON.stringify(seen) + "\n");
process.exit(0);
