/**
 * `<spaceport-space src="https://…/" endpoint="shout" theme="dark">`: a Space in a page of another origin. It is a frame that
 * is as high as its content; `height` sets a fixed one.
 */

import { HEIGHT_MESSAGE, THEME_MESSAGE } from "./services/frame_messages";

const HEIGHT_FIRST = 480;
const HEIGHT_MAX = 20_000;
const ALLOWED = "camera; microphone; clipboard-write; fullscreen";

class SpaceElement extends HTMLElement {
	static readonly observedAttributes = ["src", "endpoint", "theme", "height"];
	readonly #frame = document.createElement("iframe");
	readonly #onMessage = (event: MessageEvent) => this.#take(event);

	connectedCallback(): void {
		if (!this.shadowRoot) {
			this.attachShadow({ mode: "open" }).append(this.#frame);
			this.style.display ||= "block";
			this.#frame.style.cssText = `width: 100%; height: ${HEIGHT_FIRST}px; border: 0; display: block; color-scheme: normal`;
			this.#frame.allow = ALLOWED;
			this.#frame.loading = "lazy";
		}
		addEventListener("message", this.#onMessage);
		this.#load();
	}

	disconnectedCallback(): void {
		removeEventListener("message", this.#onMessage);
	}

	attributeChangedCallback(name: string): void {
		if (!this.isConnected || !this.shadowRoot) return;
		if (name === "theme") this.#frame.contentWindow?.postMessage({ [THEME_MESSAGE]: this.getAttribute("theme") ?? "auto" }, "*");
		else this.#load();
	}

	#load(): void {
		const source = this.getAttribute("src");
		if (!source) return;
		const address = new URL(source, location.href);
		address.searchParams.set("__chrome", "0");
		for (const [name, key] of [["endpoint", "endpoint"], ["theme", "__theme"]] as const) {
			const value = this.getAttribute(name);
			if (value) address.searchParams.set(key, value);
		}
		this.#frame.title = this.getAttribute("title") ?? "A Space";
		const height = this.getAttribute("height");
		if (height) this.#frame.style.height = /^\d+$/.test(height) ? `${height}px` : height;
		if (this.#frame.src !== address.href) this.#frame.src = address.href;
	}

	#take({ source, data }: MessageEvent): void {
		const height = Number((data as Record<string, unknown> | null)?.[HEIGHT_MESSAGE]);
		if (source !== this.#frame.contentWindow || this.hasAttribute("height") || !(height > 0)) return;
		this.#frame.style.height = `${Math.min(height, HEIGHT_MAX)}px`;
	}
}

if (!customElements.get("spaceport-space")) customElements.define("spaceport-space", SpaceElement);
