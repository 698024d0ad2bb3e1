// Builds each page by itself, so that what two pages share is no request of its own, and makes one manifest of theirs.
import { readFileSync, writeFileSync } from "node:fs";
import { build } from "vite";

const PAGES = ["space", "hub", "embed"];
const MANIFEST = "dist/manifest.json";
const all = {};

for (const page of PAGES) {
	await build({ mode: page, build: { emptyOutDir: page === PAGES[0] } });
	const manifest = JSON.parse(readFileSync(MANIFEST, "utf8"));
	// Pages have parts of one name with other contents.
	const nameOf = (name) => (manifest[name].isEntry ? name : `${page}: ${name}`);
	for (const [name, part] of Object.entries(manifest)) {
		const named = { ...part };
		for (const list of ["imports", "dynamicImports"]) {
			if (part[list] !== undefined) named[list] = part[list].map(nameOf);
		}
		all[nameOf(name)] = named;
	}
}
writeFileSync(MANIFEST, JSON.stringify(all, null, 2));
