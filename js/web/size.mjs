// What each page loads before a component asks for more, gzipped: at most its budget.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const BUDGETS = { "src/space.tsx": 80_000, "src/hub.tsx": 80_000, "src/embed.ts": 2_000 };
const manifest = JSON.parse(readFileSync("dist/manifest.json", "utf8"));

function filesOf(name, found = new Set()) {
	const entry = manifest[name];
	for (const file of [entry.file, ...(entry.css ?? [])]) found.add(file);
	for (const other of entry.imports ?? []) filesOf(other, found);
	return found;
}

for (const [name, limit] of Object.entries(BUDGETS)) {
	const size = [...filesOf(name)].reduce((sum, file) => sum + gzipSync(readFileSync(`dist/${file}`), { level: 9 }).length, 0);
	console.log(`${name}: ${size} bytes gzipped, of ${limit} at most`);
	if (size > limit) process.exitCode = 1;
}
