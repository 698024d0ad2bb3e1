import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const PAGES: Record<string, string> = { space: at("src/space.tsx"), hub: at("src/hub.tsx"), embed: at("src/embed.ts") };
const GALLERY = { gallery: at("gallery.html") };

// What colours take in most pages: one request, not one for each package.
const COLOURS = { name: "colours", test: /parts\/highlight\.ts$|@lezer\/(python|highlight|lr|common)\// };

// Relative addresses: a Space is served below any path. The server puts the built files at /--spaceport/web/.
// The mode is the page that is built (build.mjs); `gallery` is the page of parts that a test takes pictures of, which no
// server has.
export default defineConfig(({ mode }) => ({
	base: "./",
	resolve: { alias: { "spaceport-client": at("../client/src/index.ts") } },
	oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
	build: {
		target: "es2022",
		outDir: "dist",
		assetsDir: "",
		modulePreload: { polyfill: false },
		manifest: "manifest.json",
		rolldownOptions: {
			optimization: { inlineConst: true },
			input: mode === "gallery" ? GALLERY : { [mode]: PAGES[mode] },
			output: { codeSplitting: { includeDependenciesRecursively: false, groups: [COLOURS] } },
		},
	},
}));
