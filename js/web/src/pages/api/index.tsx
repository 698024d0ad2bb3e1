/** "Use via API": what each endpoint takes and returns, code that calls it, and a place to try it. */

import { useEffect } from "preact/hooks";
import { endpointInAddress } from "../../services/address";
import type { Call } from "../../services/call";
import type { SpaceView } from "../../services/space";
import { token } from "../../services/token";
import { Rich } from "../../views/rich";
import { Notices } from "../../views/progress";
import { Code } from "./code";
import { Errors } from "./errors";
import { Jobs } from "./jobs";
import { Parameters, Returns } from "./parameters";
import { TryIt } from "./tryit";
import "./style.css";

const INDEX_MIN = 3;

/** `standalone`: the page of the app is not beside it, so that the inputs are shown here. */
export function ApiPage({ space, calls, standalone = false }: { space: SpaceView; calls: Call[]; standalone?: boolean }) {
	useEffect(() => {
		const endpoint = location.hash ? decodeURIComponent(location.hash.slice("#api-".length)) : endpointInAddress();
		if (endpoint !== undefined) document.getElementById(`api-${endpoint}`)?.scrollIntoView();
	}, []);
	return (
		<div class="api">
			<p>
				{calls.length} {calls.length === 1 ? "endpoint" : "endpoints"} at <code>{space.root}</code>. The code is filled with the
				values of the {standalone ? "inputs under “Run it here”" : "page's inputs"}.
			</p>
			<p class="links">
				<a href={`${space.root}openapi.json`}>OpenAPI</a>
				<a href={`${space.root}agents.md`}>This page as Markdown</a>
				<a href={`${space.root}llms.txt`}>llms.txt</a>
			</p>
			{!standalone && <TokenField />}
			{calls.length >= INDEX_MIN && <Index calls={calls} />}
			<Errors />
			{calls.map((call) => (
				<Endpoint key={call.endpoint.name} space={space} call={call} standalone={standalone} />
			))}
			{space.resumable && <Jobs space={space} />}
		</div>
	);
}

function TokenField() {
	return (
		<label class="field token">
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
			<small class="info">It is kept until you leave the page. The code shows it masked; the copy has it whole.</small>
		</label>
	);
}

function Index({ calls }: { calls: Call[] }) {
	return (
		<nav class="card index" aria-label="Endpoints">
			<ul>
				{calls.map(({ endpoint }) => (
					<li key={endpoint.name}>
						<a href={`#api-${encodeURIComponent(endpoint.name)}`}>
							<code>/{endpoint.name}</code>
						</a>
					</li>
				))}
			</ul>
		</nav>
	);
}

function Endpoint({ space, call, standalone }: { space: SpaceView; call: Call; standalone: boolean }) {
	const { endpoint } = call;
	return (
		<section class="card docs" id={`api-${endpoint.name}`} aria-label={`/${endpoint.name}`}>
			<h2>
				<code>/{endpoint.name}</code>
				{endpoint.generator && <span class="badge">streams</span>}
			</h2>
			{endpoint.description && <Rich markdown={endpoint.description} />}
			<Parameters fields={endpoint.inputs} />
			<Returns fields={endpoint.outputs} />
			<Code space={space} call={call} />
			<TryIt call={call} standalone={standalone} />
			<Notices call={call} />
		</section>
	);
}
