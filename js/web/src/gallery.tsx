/** The gallery: each part once, as `make gallery` and a test of its pictures show it. It is no page of the product. */

import "./style/index.css";
import "./services/theme";
import { Bell, Copy, Download, Ellipsis, Maximize2, Pencil, Play, Plus, RotateCcw, Search, Share2, Trash2 } from "lucide";
import { type ComponentChildren, render } from "preact";
import { useState } from "preact/hooks";
import { Badge } from "./parts/badge";
import { Banner } from "./parts/banner";
import { Button, CopyButton, IconButton } from "./parts/button";
import { Card } from "./parts/card";
import { CodeBlock } from "./parts/codeblock";
import { Dialog, Drawer } from "./parts/dialog";
import { Empty } from "./parts/empty";
import { Field } from "./parts/field";
import { Menu } from "./parts/menu";
import { Segmented } from "./parts/segmented";
import { Select } from "./parts/select";
import { Skeleton } from "./parts/skeleton";
import { Tabs } from "./parts/tabs";
import { type ToastItem, Toasts } from "./parts/toast";
import { Toolbar } from "./parts/toolbar";
import { showTooltips } from "./parts/tooltip";
import "./gallery.css";

const PYTHON = `from spaceport import Client

client = Client("ann/words")  # the Space's address
job = client.submit(text="hello", times=2)
print(job.result(timeout=30))`;
const SHELL = `curl -s "$SPACE/call/shout" -H 'Content-Type: application/json' \\
  -d '{"data": ["hello", 2]}'  # answers with an id`;
const JSON_TEXT = `{"name": "pear", "sizes": [1, 2.5], "ripe": true, "note": null}`;

function Part({ name, children }: { name: string; children: ComponentChildren }) {
	return (
		<section class="part" id={name.toLowerCase()} aria-label={name}>
			<h2>{name}</h2>
			{children}
		</section>
	);
}

const TOASTS: ToastItem[] = [
	{ id: 1, title: "Info", text: "The model is being loaded.", level: "info", duration_s: 600 },
	{ id: 2, title: "Saved", text: "Your changes are on the hub.", level: "success" },
	{ id: 3, title: "Warning", text: "The picture was larger than 4,000 pixels and is made smaller.", level: "warning" },
];

function Buttons() {
	return (
		<Part name="Button">
			<div class="row">
				<Button look="primary" icon={Play}>
					Run
				</Button>
				<Button icon={RotateCcw}>Reset</Button>
				<Button look="ghost">Cancel</Button>
				<Button look="danger" icon={Trash2}>
					Delete
				</Button>
				<Button look="primary" disabled>
					Run
				</Button>
			</div>
			<div class="row">
				<Button small icon={Plus}>
					New
				</Button>
				<Button small look="primary">
					Save
				</Button>
				<CopyButton text="text" />
				<Button small aria-pressed="true" icon={Bell}>
					On
				</Button>
			</div>
			<h3>IconButton, Toolbar, Menu</h3>
			<Toolbar label="The result">
				<IconButton label="Copy" icon={Copy} />
				<IconButton label="Download" icon={Download} />
				<IconButton label="Full screen" icon={Maximize2} />
				<IconButton label="Share" icon={Share2} size={20} />
				<Menu
					label="More"
					icon={Ellipsis}
					items={[
						{ text: "Edit", icon: Pencil, action: () => undefined },
						{ text: "Download", icon: Download, hint: "as CSV", href: "#" },
						{ text: "Delete", icon: Trash2, danger: true, action: () => undefined },
					]}
				/>
			</Toolbar>
		</Part>
	);
}

function Fields() {
	const [times, setTimes] = useState("2");
	const [view, setView] = useState("form");
	return (
		<Part name="Field">
			<Field id="name" label="Name" info="As it stands in the address.">
				<input id="name" value="words" />
			</Field>
			<Field id="note" label="Note" optional problem="The note is longer than 200 characters.">
				<textarea id="note" aria-invalid="true" aria-describedby="note-problem" rows={2} placeholder="What is it about?" />
			</Field>
			<Field id="times" label="Times">
				<Select id="times" options={[["1", "once"], ["2", "twice"]] as const} value={times as "1"} change={setTimes} />
			</Field>
			<Field label="Size" group>
				<div class="choices">
					<label class="choice">
						<input type="radio" name="size" checked /> small
					</label>
					<label class="choice">
						<input type="radio" name="size" /> large
					</label>
				</div>
			</Field>
			<Segmented label="View" options={[["form", "Form"], ["json", "JSON"]] as const} value={view as "form"} change={setView} />
		</Part>
	);
}

function TabParts() {
	const [chosen, setChosen] = useState("app");
	const [output, setOutput] = useState("preview");
	return (
		<Part name="Tabs">
			<Tabs label="Views" tabs={[["app", "App"], ["api", "API"], ["history", "History"]]} chosen={chosen} choose={setChosen} panel="views" />
			<div id="views" role="tabpanel" aria-labelledby={`views-tab-${chosen}`}>
				The view “{chosen}”.
			</div>
			<Tabs
				segments
				label="Output"
				tabs={[["preview", "Preview"], ["json", "JSON"], ["logs", "Logs"]]}
				chosen={output}
				choose={setOutput}
				panel="output"
			/>
			<div id="output" role="tabpanel" aria-labelledby={`output-tab-${output}`}>
				The {output} of the result.
			</div>
			<h3>Badge</h3>
			<div class="row">
				<Badge>streams</Badge>
				<Badge tone="accent">new</Badge>
				<Badge tone="good">Running</Badge>
				<Badge tone="busy">Building</Badge>
				<Badge tone="warn">Paused</Badge>
				<Badge tone="bad">Failed</Badge>
				<Badge tone="note">Sleeping</Badge>
			</div>
		</Part>
	);
}

function States() {
	return (
		<Part name="States">
			<Banner tone="busy" title="Reconnecting: your call goes on" />
			<Banner tone="bad" title="The call failed" actions={<Button small>Try again</Button>}>
				<p>The model is not there.</p>
			</Banner>
			<Banner tone="warn">This Space is paused.</Banner>
			<Banner tone="good">All changes are saved.</Banner>
			<Card title="Card" actions={<IconButton label="More" icon={Ellipsis} />}>
				<Skeleton lines={3} />
			</Card>
			<Card label="An empty list">
				<Empty icon={Search} title="No matching Spaces" text="Try fewer words, or make one.">
					<Button look="primary" small icon={Plus}>
						New Space
					</Button>
				</Empty>
			</Card>
			<progress max={1} value={0.4} aria-label="Progress" />
		</Part>
	);
}

function Floating() {
	const [shown, setShown] = useState("");
	const [toasts, setToasts] = useState<ToastItem[]>([]);
	const close = () => setShown("");
	return (
		<Part name="Floating">
			<div class="row">
				<Button onClick={() => setShown("dialog")}>Dialog</Button>
				<Button onClick={() => setShown("drawer")}>Drawer</Button>
				<Button onClick={() => setToasts(TOASTS)}>Toast</Button>
			</div>
			<Dialog
				title="Delete “words”?"
				open={shown === "dialog"}
				close={close}
				footer={
					<>
						<Button onClick={close}>Keep it</Button>
						<Button look="danger" onClick={close}>
							Delete
						</Button>
					</>
				}
			>
				<p>The Space, its files and its jobs are removed. This cannot be undone.</p>
			</Dialog>
			<Drawer title="Try it" open={shown === "drawer"} close={close}>
				<CodeBlock code={PYTHON} language="python" />
			</Drawer>
			<Toasts items={toasts} dismiss={(id) => setToasts(toasts.filter((one) => one.id !== id))} />
		</Part>
	);
}

function Gallery() {
	return (
		<main class="gallery">
			<h1>Parts</h1>
			<div class="parts">
				<Buttons />
				<Fields />
				<TabParts />
				<Part name="CodeBlock">
					<CodeBlock code={PYTHON} language="python" title="Python" />
					<CodeBlock code={SHELL} language="bash" />
					<CodeBlock code={JSON_TEXT} language="json" wrap />
				</Part>
				<States />
				<Floating />
			</div>
		</main>
	);
}

showTooltips();
render(<Gallery />, document.getElementById("page") as HTMLElement);
