/** The API page: an index, what each endpoint takes and returns, code that calls it, and a place to try it. */

import { BookOpen, Braces, FileText, KeyRound } from "lucide";
import { useEffect, useRef, useState } from "preact/hooks";
import { Badge } from "../../parts/badge";
import { CopyButton } from "../../parts/button";
import { Icon } from "../../parts/icon";
import { Toasts } from "../../parts/toast";
import type { Call } from "../../services/call";
import { readMarkdown, type SpaceView } from "../../services/space";
import { token } from "../../services/token";
import { type EndpointUsage, readUsage } from "../../services/usage";
import { Description } from "../../views/description";
import { useDrawn } from "../../views/deferred";
import { Code } from "./code";
import { Errors } from "./errors";
import { Jobs } from "./jobs";
import { LanguageBar } from "./language";
import { ApiIndex, idInAddress, sectionId } from "./list";
import { Parameters, Returns } from "./parameters";
import { Statistics } from "./statistics";
import { TryIt } from "./tryit";
import "./style.css";

const INDEX_MIN = 3;

/** `standalone`: the page of the app is not beside it. */
export function ApiPage({ space, calls, standalone = false }: { space: SpaceView; calls: Call[]; standalone?: boolean }) {
	const [usage, setUsage] = useState<Record<string, EndpointUsage>>({});
	const first = Math.max(0, calls.findIndex((call) => sectionId(call) === idInAddress()));
	const end = endOfView(calls, first);
	useEffect(() => {
		document.getElementById(idInAddress())?.scrollIntoView();
		if (space.resumable) void readUsage(space).then(setUsage);
	}, []);
	return (
		<div class={`api ${calls.length >= INDEX_MIN ? "with-index" : ""}`}>
			{calls.length >= INDEX_MIN && <ApiIndex calls={calls} />}
			<div class="all">
				<Head space={space} calls={calls} standalone={standalone} />
				{calls.length > 0 && <LanguageBar />}
				{calls.map((call, at) => (
					<Endpoint
						key={call.endpoint.name}
						space={space}
						call={call}
						now={at >= first && at < end}
						usage={Object.hasOwn(usage, call.endpoint.name) ? usage[call.endpoint.name] : undefined}
					/>
				))}
				<Errors />
				{space.resumable && <Jobs space={space} />}
			</div>
			<Notices calls={calls} />
		</div>
	);
}

function Head({ space, calls, standalone }: { space: SpaceView; calls: Call[]; standalone: boolean }) {
	return (
		<div class="api-head">
			<div>
				<h2>API</h2>
				<p>
					{calls.length} {calls.length === 1 ? "endpoint" : "endpoints"} at <code>{space.root}</code>
					<CopyButton compact text={space.root} label="Copy address" />
				</p>
				<p>
					<small>The code has the values of the {standalone ? "inputs under “Run it here”" : "page's inputs"}.</small>
				</p>
			</div>
			<p class="links">
				<CopyButton text={() => readMarkdown(space)} label="Copy page" />
				<a href={`${space.root}openapi.json`}>
					<Icon of={Braces} />
					OpenAPI
				</a>
				<a href={`${space.root}agents.md`}>
					<Icon of={FileText} />
					Markdown
				</a>
				<a href={`${space.root}llms.txt`}>
					<Icon of={BookOpen} />
					llms.txt
				</a>
			</p>
			{!standalone && <TokenField />}
		</div>
	);
}

function TokenField() {
	return (
		<form class="token" data-tip="It is kept until you leave the page. The code shows it masked; the copy has it whole." onSubmit={(event) => event.preventDefault()}>
			<Icon of={KeyRound} />
			<input
				aria-label="Token"
				type="password"
				autocomplete="off"
				placeholder="Token, if this Space asks for one"
				value={token.value}
				onInput={(event) => {
					token.value = event.currentTarget.value.trim();
				}}
			/>
		</form>
	);
}

/** Beside the sections: what is fixed to the window may not stand in one whose content is skipped. */
function Notices({ calls }: { calls: Call[] }) {
	const dismiss = (id: number) => {
		for (const call of calls) call.dismiss(id);
	};
	return <Toasts items={calls.flatMap((call) => call.notices.value)} dismiss={dismiss} />;
}

interface EndpointProps {
	space: SpaceView;
	call: Call;
	/** It is in the first view. */
	now: boolean;
	usage: EndpointUsage | undefined;
}

/** Lines of a section, about: there is room for one that is not drawn. */
const linesOf = ({ endpoint }: Call) => 12 + 3 * endpoint.inputs.length + 2 * endpoint.outputs.length;
/** As in style.css. */
const LINE_PX = 22;

/** The first call below the first view, when that begins with the section of `first`. */
function endOfView(calls: Call[], first: number): number {
	let end = first;
	for (let room_px = innerHeight; room_px > 0 && calls[end]; end++) room_px -= linesOf(calls[end] as Call) * LINE_PX;
	return end;
}

function Endpoint({ space, call, now, usage }: EndpointProps) {
	const { endpoint } = call;
	const element = useRef<HTMLElement>(null);
	const drawn = useDrawn(element, now);
	return (
		<section ref={element} class={`docs ${drawn ? "" : "undrawn"}`} id={sectionId(call)} aria-label={`/${endpoint.name}`} style={{ "--lines": linesOf(call) }}>
			<div class="about">
				<h2>
					<code>/{endpoint.name}</code>
					{endpoint.generator && <Badge tone="accent">streams</Badge>}
				</h2>
				{drawn && (
					<>
						{endpoint.description && <Description text={endpoint.description} />}
						{space.resumable && <Statistics usage={usage} />}
						<Parameters fields={endpoint.inputs} />
						<Returns fields={endpoint.outputs} />
					</>
				)}
			</div>
			{drawn && (
				<div class="side">
					<Code space={space} call={call} />
					<TryIt call={call} />
				</div>
			)}
		</section>
	);
}
