/** What a new Space may begin with. */

export interface Template {
	name: string;
	text: string;
	sdk: "gradio" | "static";
	/** The texts of its files by path, for a Space with this title. The first one is shown first. */
	files: (title: string) => Record<string, string>;
}

/** A README with front matter; JSON's texts are YAML's. */
export function readmeFor(title: string, lines: string[]): string {
	return ["---", `title: ${JSON.stringify(title)}`, ...lines, "---", "", `# ${title}`, ""].join("\n");
}

const FUNCTION = (title: string) => `import spaceport as sp

space = sp.Space(title=${JSON.stringify(title)})


@space.api
def greet(name: str, times: int = 1) -> str:
    """Say hello."""
    return "\\n".join([f"Hello, {name}!"] * times)
`;
const CHAT = (title: string) => `import time
from collections.abc import Iterator

import spaceport as sp


def reply(message: str, history: list) -> Iterator[str]:
    """Say it back, word by word."""
    words = f"You said: {message}".split()
    for count in range(1, len(words) + 1):
        time.sleep(0.05)
        yield " ".join(words[:count])


space = sp.ChatInterface(reply, title=${JSON.stringify(title)})
`;
const GRADIO = `import gradio as gr


def greet(name: str) -> str:
    return f"Hello, {name}!"


demo = gr.Interface(fn=greet, inputs="text", outputs="text", api_name="greet")
demo.launch()
`;
const PAGE = (title: string) => `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>${title}</title>
</head>
<body>
  <h1>${title}</h1>
</body>
</html>
`;
const OURS = ["sdk: gradio", "tags: [spaceport]"];

export const TEMPLATES: readonly Template[] = [
	{
		name: "Function",
		text: "A typed Python function becomes a page and an API",
		sdk: "gradio",
		files: (title) => ({ "app.py": FUNCTION(title), "README.md": readmeFor(title, ["emoji: 🚀", ...OURS]) }),
	},
	{
		name: "Chat",
		text: "A function that answers messages, streamed",
		sdk: "gradio",
		files: (title) => ({ "app.py": CHAT(title), "README.md": readmeFor(title, ["emoji: 💬", ...OURS]) }),
	},
	{
		name: "Gradio app",
		text: "A Gradio interface, unmodified",
		sdk: "gradio",
		files: (title) => ({ "app.py": GRADIO, "README.md": readmeFor(title, ["emoji: 🎛️", "sdk: gradio"]) }),
	},
	{
		name: "Static page",
		text: "HTML, CSS and JavaScript without a process",
		sdk: "static",
		files: (title) => ({ "index.html": PAGE(title), "README.md": readmeFor(title, ["emoji: 📄", "sdk: static"]) }),
	},
];
