/** "Use via API": what each endpoint takes and gives, code that calls it, and what travels when it is called. */

import { useEffect, useRef, useState } from "preact/hooks";
import type { Call } from "../services/call";
import { ERRORS } from "../services/codes";
import { remembered } from "../services/preferences";
import { token } from "../services/token";
import { plain } from "../services/recorder";
import { LANGUAGES, snippets, type Language, type Snippet } from "../services/snippets";
import type { SpaceView } from "../services/space";
import type { Field } from "../components/kind";
import { Copy } from "../views/copy";
import { InputField } from "../views/field";
import { Progress, Toasts } from "../views/progress";
import { Rich } from "../views/rich";
import { Tabs } from "../views/tabs";
import { Jobs } from "./jobs";

export const language = remembered("spaceport-language", "python");
/** `fill`: the inputs are here, because no page of the app's is beside it. */
export function ApiPage({ space, calls, fill = false }: { space: SpaceView; calls: Call[]; fill?: boolean }) {
	return (
		<div class="api">
			<p>
				{calls.length} {calls.length === 1 ? "endpoint" : "endpoints"} at <code>{space.root}</code>. The code below is filled with
				what {fill ? "its inputs" : "the page's inputs"} hold now.
			</p>
			<p class="links">
				<a href={`${space.root}openapi.json`}>OpenAPI</a>
				<a href={`${space.root}agents.md`}>This page as Markdown</a>
				<a href={`${space.root}llms.txt`}>llms.txt</a>
			</p>
			{!fill && <label class="field token">
				Token
				<input
					type="password"
					autocomplete="off"
					placeholder="hf_… (only if this Space asks for one)"
					value={token.value}
					onInput={(event) => {
						token.value = event.currentTarget.value.trim();
					}}
				/>
				<small class="info">Stays in this tab; the code shows it masked and copies it whole.</small>
			</label>}
			<Errors />
			{calls.map((call) => (
				<EndpointDocs key={call.endpoint.name} space={space} call={call} fill={fill} />
			))}
			{space.ours && <Jobs space={space} />}
		</div>
	);
}

function Errors() {
	return (
		<details class="try">
			<summary>Errors</summary>
			<div class="table">
				<table>
					<thead>
						<tr>
							<th scope="col">Answer</th>
							<th scope="col">Code</th>
							<th scope="col">What it means</th>
						</tr>
					</thead>
					<tbody>
						{ERRORS.map(([status, code, meaning, action]) => (
							<tr key={code}>
								<td>{status}</td>
								<td>
									<code>{code}</code>
								</td>
								<td>
									{meaning} {action}
								</td>
							</tr>
						))}
					</tbody>
				</table>
			</div>
		</details>
	);
}

function EndpointDocs({ space, call, fill }: { space: SpaceView; call: Call; fill: boolean }) {
	const { endpoint } = call;
	return (
		<section class="card docs" id={`api-${endpoint.name}`} aria-label={`/${endpoint.name}`}>
			<h2>
				<code>/{endpoint.name}</code>
				{endpoint.generator && <span class="badge">streams</span>}
			</h2>
			{endpoint.description && <Rich markdown={endpoint.description} />}
			<Parameters fields={endpoint.inputs} />
			<h3>Returns</h3>
			<ul class="returns">
				{endpoint.outputs.map((field, place) => (
					<li key={place}>
						<strong>{field.label}</strong> <code>{field.python}</code> {field.component !== "Api" && <small>{field.component}</small>}
					</li>
				))}
				{!endpoint.outputs.length && <li>Nothing.</li>}
			</ul>
			<Code space={space} call={call} />
			<Try call={call} fill={fill} />
			<Toasts call={call} />
		</section>
	);
}

function Parameters({ fields }: { fields: Field[] }) {
	if (!fields.length) return <p>It takes no parameters.</p>;
	return (
		<>
			<h3>Parameters</h3>
			<div class="table">
				<table>
					<thead>
						<tr>
							<th scope="col">Name</th>
							<th scope="col">Type</th>
							<th scope="col">Default</th>
							<th scope="col">What it is</th>
						</tr>
					</thead>
					<tbody>
						{fields.map((field) => (
							<tr key={field.name}>
								<th scope="row">
									<code>{field.name}</code>
								</th>
								<td>
									<code>{field.python}</code>
								</td>
								<td>{field.required ? <em>required</em> : <code>{JSON.stringify(field.preset ?? null)}</code>}</td>
								<td>
									{field.label} <small>{field.info || String(field.schema.description ?? "")}</small>
								</td>
							</tr>
						))}
					</tbody>
				</table>
			</div>
		</>
	);
}

function Code({ space, call }: { space: SpaceView; call: Call }) {
	const [found, setFound] = useState<Record<string, Snippet>>();
	const [problem, setProblem] = useState("");
	const [near, setNear] = useState(false);
	const place = useRef<HTMLDivElement>(null);
	useEffect(() => {
		const watcher = new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && setNear(true), { rootMargin: "300px" });
		if (place.current) watcher.observe(place.current);
		return () => watcher.disconnect();
	}, []);
	const given = plain(call.shown) as Record<string, unknown>;
	const asked = JSON.stringify(given);
	const own = token.value;
	useEffect(() => {
		if (!near) return;
		let old = false;
		const timer = setTimeout(() => {
			snippets(space, [{ name: call.endpoint.name, given, outputs: [] }], own).then(
				(all) => {
					if (!old) setFound(all);
					setProblem("");
				},
				(error: Error) => setProblem(error.message),
			);
		}, 150);
		return () => {
			old = true;
			clearTimeout(timer);
		};
	}, [asked, own, near]);
	const panel = `code-${call.endpoint.name}`;
	const snippet = found?.[language.value];
	return (
		<div class="code" ref={place}>
			<Tabs<Language>
				label="Language"
				tabs={LANGUAGES}
				chosen={language.value as Language}
				choose={(one) => {
					language.value = one;
				}}
				panel={panel}
			/>
			<div id={panel} role="tabpanel" aria-labelledby={`${panel}-tab-${language.value}`}>
				<pre data-language={language.value} tabIndex={0}>
					<code>{snippet?.shown ?? (problem || "…")}</code>
				</pre>
				{snippet && <Copy text={snippet.whole} label="Copy code" />}
			</div>
		</div>
	);
}

/** Run it here, and see all that travels. */
function Try({ call, fill }: { call: Call; fill: boolean }) {
	const asked = plain(call.given);
	return (
		<details class="try">
			<summary>Run it here</summary>
			{fill && call.endpoint.inputs.map((field) => <InputField key={field.name} call={call} field={field} />)}
			<h3>Request</h3>
			<pre tabIndex={0}>
				<code>{`POST call/${call.endpoint.name}\ncontent-type: application/json\n\n${JSON.stringify({ data: Object.values(asked as object) }, null, 2)}`}</code>
			</pre>
			<div class="row actions">
				<button type="button" class="run" onClick={() => void call.run()} disabled={call.busy.value || call.missing.value.length > 0}>
					Run
				</button>
				{call.busy.value && (
					<button type="button" class="stop" onClick={() => call.cancel()}>
						Cancel
					</button>
				)}
				{call.missing.value.length > 0 && <small class="info">Still needed: {call.missing.value.join(", ")}</small>}
			</div>
			<Progress call={call} />
			{call.seen.value.length > 0 && (
				<>
					<h3>Messages</h3>
					<ol class="messages" tabIndex={0}>
						{call.seen.value.slice(-100).map((one, place) => (
							<li key={place}>
								<time>{one.at_ms.toFixed(0)} ms</time>
								<code>{JSON.stringify(one.message)}</code>
							</li>
						))}
					</ol>
				</>
			)}
			{call.stage.value === "done" && (
				<>
					<h3>Answer</h3>
					<pre tabIndex={0}>
						<code>{JSON.stringify(call.outputs.value, null, 2)}</code>
					</pre>
				</>
			)}
		</details>
	);
}
