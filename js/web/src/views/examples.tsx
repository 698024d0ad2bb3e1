/** The author's examples as cards: a click fills the inputs. */

import type { Field } from "../components/kind";
import type { Call } from "../services/call";
import { type AnyFile, isFile } from "../services/files";
import { nameOf, useFileUrl } from "./file";
import "./examples.css";

const TEXT_MAX = 90;
const SHOWN_MAX = 12;

function summarize(value: unknown): string {
	if (isFile(value)) return nameOf(value);
	const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
	return text.length > TEXT_MAX ? `${text.slice(0, TEXT_MAX - 1)}…` : text;
}

function isPicture(value: unknown): value is AnyFile {
	return isFile(value) && /\.(png|jpe?g|gif|webp|avif|svg)$/i.test(nameOf(value));
}

export function Examples({ call }: { call: Call }) {
	const { examples, inputs } = call.endpoint;
	if (!examples.length) return null;
	return (
		<section class="examples" aria-label="Examples">
			<h2 class="minor">Examples</h2>
			<ul>
				{examples.slice(0, SHOWN_MAX).map((row, index) => (
					<li key={index}>
						<button type="button" onClick={() => call.fill(row)}>
							<span class="visually-hidden">Use example {index + 1}: </span>
							<Example row={row} inputs={inputs} />
						</button>
					</li>
				))}
			</ul>
		</section>
	);
}

/** What only one input holds needs no label. */
function Example({ row, inputs }: { row: unknown[]; inputs: Field[] }) {
	const picture = row.find(isPicture);
	const others = row.map((value, index) => [inputs[index]?.label ?? "", value] as const).filter(([, value]) => value !== picture && value !== null);
	return (
		<span class="example">
			{picture && <Thumbnail file={picture} />}
			{others.map(([label, value]) => (
				<span key={label} class="value" dir="auto">
					{others.length > 1 && <small>{label}</small>}
					{summarize(value)}
				</span>
			))}
		</span>
	);
}

function Thumbnail({ file }: { file: AnyFile }) {
	return <img src={useFileUrl(file)} alt={nameOf(file)} loading="lazy" />;
}
