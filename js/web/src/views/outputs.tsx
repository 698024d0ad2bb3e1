/** What a call gives: its state, and its outputs to look at, as JSON, or as the messages they came with. */

import { Maximize2, Download as DownloadIcon } from "lucide";
import { useRef, useState } from "preact/hooks";
import type { Field, Kind, OutputActions } from "../components/kind";
import { kindOf } from "../components/registry";
import { CopyButton, IconButton } from "../parts/button";
import { CodeBlock } from "../parts/codeblock";
import { Icon } from "../parts/icon";
import { Skeleton } from "../parts/skeleton";
import { Tabs } from "../parts/tabs";
import { Toolbar } from "../parts/toolbar";
import type { Call } from "../services/call";
import { saveText } from "../services/save";
import { nameOf, useFileUrl } from "./file";
import { Guard } from "./guard";
import { Messages } from "./messages";
import { Problem, Progress } from "./progress";
import { shorten } from "../services/shorten";
import type { AnyFile } from "../services/files";
import "./outputs.css";

type Shown = "preview" | "json" | "logs";
const VIEWS = [
	["preview", "Preview"],
	["json", "JSON"],
	["logs", "Logs"],
] as const;

export function Outputs({ call }: { call: Call }) {
	const [shown, setShown] = useState<Shown>("preview");
	const values = call.outputs.value;
	return (
		<div class="card outputs">
			<Progress call={call}>
				<Tabs segments label="The result as" tabs={VIEWS} chosen={shown} choose={setShown} panel="result" />
			</Progress>
			<Problem call={call} />
			<div id="result" class="results" role="tabpanel" aria-labelledby={`result-tab-${shown}`}>
				{shown === "preview" && <OutputList call={call} />}
				{shown === "preview" && !call.endpoint.outputs.length && <p class="empty">This endpoint returns nothing.</p>}
				{shown === "json" && <JsonText value={values} />}
				{shown === "logs" && <Messages call={call} />}
			</div>
		</div>
	);
}

/** A JSON text of a value, of which the copy is whole. */
export function JsonText({ value }: { value: unknown }) {
	const text = JSON.stringify(value, null, 2) ?? "";
	return <CodeBlock language="json" wrap code={shorten(text)} copy={text} copyLabel="Copy JSON" />;
}

export function OutputList({ call }: { call: Call }) {
	return (
		<>
			{call.endpoint.outputs.map((field, index) => (
				<OutputField key={`${field.id}-${index}`} call={call} field={field} index={index} />
			))}
		</>
	);
}

/** What can be done with a value: nothing where it does not fit its component. */
function actionsOf(kind: Kind, value: unknown, field: Field): OutputActions {
	try {
		return kind.actions?.(value, field) ?? {};
	} catch {
		return {};
	}
}

function OutputField({ call, field, index }: { call: Call; field: Field; index: number }) {
	const kind = kindOf(field);
	const values = call.outputs.value;
	const value = values?.[index];
	const element = useRef<HTMLElement>(null);
	const actions = value === undefined ? undefined : actionsOf(kind, value, field);
	return (
		<section class="field output" aria-label={field.label} ref={element}>
			<div class="head">
				<h2 class="minor">{field.label}</h2>
				{actions && (
					<Toolbar label={`${field.label}: actions`}>
						{actions.copy && <CopyButton compact text={actions.copy} label={`Copy ${field.label}`} />}
						{actions.save && (
							<IconButton
								label={`Download ${field.label}`}
								icon={DownloadIcon}
								onClick={() => actions.save && saveText(actions.save[0], actions.save[1]())}
							/>
						)}
						{actions.files?.map((file, at) => <DownloadFile key={at} file={file} />)}
						<IconButton label={`${field.label}: full screen`} icon={Maximize2} onClick={() => void element.current?.requestFullscreen()} />
					</Toolbar>
				)}
			</div>
			{value === undefined ? (
				<Nothing busy={call.busy.value} />
			) : (
				<Guard value={value}>
					<kind.output field={field} value={value} running={call.busy.value} />
				</Guard>
			)}
		</section>
	);
}

function Nothing({ busy }: { busy: boolean }) {
	return (
		<div class="nothing">
			{busy ? <Skeleton lines={2} /> : <p class="empty">No result yet</p>}
		</div>
	);
}

function DownloadFile({ file }: { file: AnyFile }) {
	const address = useFileUrl(file);
	const label = `Download ${nameOf(file)}`;
	return (
		<a class="button ghost icon-button" href={address ?? "#"} download={nameOf(file)} aria-label={label} data-tip={label}>
			<Icon of={DownloadIcon} />
		</a>
	);
}
