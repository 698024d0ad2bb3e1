import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// Relative addresses: a Space is served below any path. The server puts the built files at /--spaceport/web/.
export default defineConfig({
	base: "./",
	resolve: { alias: { "spaceport-client": at("../client/src/index.ts") } },
	oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
	build: {
		target: "es2022",
		outDir: "dist",
		assetsDir: "",
		modulePreload: { polyfill: false },
		manifest: "manifest.json",
		rolldownOptions: { input: { space: at("src/space.tsx"), hub: at("src/hub.tsx") } },
	},
});
