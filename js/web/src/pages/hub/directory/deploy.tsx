/** How an app gets here: the commands as they work on this hub. */

import { Rocket } from "lucide";
import type { ComponentChildren } from "preact";
import { CodeBlock } from "../../../parts/codeblock";
import { Icon } from "../../../parts/icon";
import { hubRoot } from "../../../services/hub/http";

const hub = hubRoot.replace(/\/$/, "");

interface Props {
	/** The Space's name, where it is known. */
	id: string;
	title: string;
	/** The way that needs no commands. */
	children?: ComponentChildren;
}

export function HowToDeploy({ id, title, children }: Props) {
	const deploy = `export HF_ENDPOINT=${hub}\nHF_TOKEN=hf_… spaceport deploy app.py ${id}`;
	const upload = `export HF_ENDPOINT=${hub}\nhf auth login --token hf_…\nhf upload ${id} . . --repo-type space`;
	return (
		<section class="how" aria-labelledby="how">
			<Icon of={Rocket} size={20} />
			<h2 id="how">{title}</h2>
			{children && <div class="row">{children}</div>}
			<p>A Python file with a Space or a Gradio app, from the folder that it lies in:</p>
			<CodeBlock code={deploy} language="bash" />
			<p>Or with the client of the Hugging Face Hub, a whole folder:</p>
			<CodeBlock code={upload} language="bash" />
		</section>
	);
}
