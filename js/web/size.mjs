// What a Space's page loads before a component asks for more: at most 80 kB gzipped.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const LIMIT = 80_000;
const manifest = JSON.parse(readFileSync("dist/manifest.json", "utf8"));
const wanted = new Set();
const visit = (name) => {
	const entry = manifest[name];
	for (const file of [entry.file, ...(entry.css ?? [])]) wanted.add(file);
	for (const other of entry.imports ?? []) visit(other);
};
visit("src/space.tsx");
const size = [...wanted].reduce((sum, file) => sum + gzipSync(readFileSync(`dist/${file}`), { level: 9 }).length, 0);
console.log(`the Space page: ${size} bytes gzipped, of ${LIMIT} at most`);
if (size > LIMIT) process.exit(1);
