/** The hub's directory, and a Space in its frame: the app, its API, its files, its logs. */

import { useEffect, useMemo, useState } from "preact/hooks";
import { Call } from "../services/call";
import * as hub from "../services/hub";
import { open, type SpaceView } from "../services/space";
import { turn } from "../services/theme";
import { token } from "../services/token";
import { sizeText } from "../views/file";
import { Tabs } from "../views/tabs";
import { ApiPage } from "./api";

const SEARCH_MS = 200;
const LOOK_MS = 3000;
const LINES_MAX = 5000;
const SHOWN_MAX = 200_000;

export function HubPage() {
	const id = /spaces\/([^/]+\/[^/]+)\/?$/.exec(location.pathname)?.[1];
	return (
		<div class="page">
			<header>
				<h1>
					<a href={hub.root}>Spaces</a>
				</h1>
				<div class="row">
					<label class="row token-field">
						<small>Token</small>
						<input
							type="password"
							autocomplete="off"
							placeholder="hf_…"
							value={token.value}
							onChange={(event) => {
								token.value = event.currentTarget.value.trim();
							}}
						/>
					</label>
					<button type="button" class="small" onClick={turn} aria-label="Dark or light">
						◐
					</button>
				</div>
			</header>
			<main>{id ? <SpaceFrame id={decodeURIComponent(id)} /> : <Directory />}</main>
			<footer>
				<small>A token shows your private Spaces and their logs; it stays in this tab.</small>
				<small>Made with Spaceport</small>
			</footer>
		</div>
	);
}

function Directory() {
	const [search, setSearch] = useState(() => new URLSearchParams(location.search).get("search") ?? "");
	const [found, setFound] = useState<hub.Listed[]>();
	const [problem, setProblem] = useState("");
	const who = token.value;
	useEffect(() => {
		const gone = new AbortController();
		const timer = setTimeout(async () => {
			try {
				setFound(await hub.spaces(search, gone.signal));
				setProblem("");
			} catch (error) {
				if (!gone.signal.aborted) setProblem((error as Error).message);
			}
		}, SEARCH_MS);
		return () => {
			clearTimeout(timer);
			gone.abort();
		};
	}, [search, who]);
	return (
		<div>
			<form role="search" onSubmit={(event) => event.preventDefault()}>
				<label class="unseen" for="search">
					Search Spaces
				</label>
				<input id="search" type="search" placeholder="Search Spaces" value={search} onInput={(event) => setSearch(event.currentTarget.value)} />
			</form>
			{problem && (
				<p class="problem" role="alert">
					{problem}
				</p>
			)}
			<ul class="directory" aria-label="Spaces">
				{found?.map((one) => (
					<li key={one.id} class="card">
						<h2>
							<a href={`${hub.root}spaces/${one.id}`}>
								{one.cardData.emoji && <span aria-hidden="true">{one.cardData.emoji} </span>}
								{one.cardData.title || one.id.split("/")[1]}
							</a>
						</h2>
						<p>{one.cardData.short_description}</p>
						<p class="row">
							<small>{one.id}</small>
							<Stage stage={one.runtime.stage} />
							{one.private && <span class="badge">private</span>}
						</p>
					</li>
				))}
			</ul>
			{found && !found.length && <p class="nothing">{search ? "No Space is called so." : "There are no Spaces yet."}</p>}
		</div>
	);
}

function Stage({ stage }: { stage: string }) {
	return <span class={`badge ${stage}`}>{stage.toLowerCase().replace(/_/g, " ")}</span>;
}

type Tab = "app" | "api" | "files" | "logs";
const TABS: [Tab, string][] = [
	["app", "App"],
	["api", "API"],
	["files", "Files"],
	["logs", "Logs"],
];

function SpaceFrame({ id }: { id: string }) {
	const [about, setAbout] = useState<hub.Listed>();
	const [problem, setProblem] = useState("");
	const [tab, setTab] = useState<Tab>(() => (TABS.find(([name]) => name === new URLSearchParams(location.search).get("tab"))?.[0] ?? "app"));
	const who = token.value;
	useEffect(() => {
		setProblem("");
		hub.space(id).then(setAbout, (error: Error) => setProblem(error.message));
	}, [id, who]);
	useEffect(() => {
		const timer = setInterval(() => {
			if (document.hidden || !about) return;
			hub.stage(id).then(
				(runtime) => setAbout((before) => before && { ...before, runtime }),
				() => undefined, // the next look
			);
		}, LOOK_MS);
		return () => clearInterval(timer);
	}, [id, Boolean(about)]);
	useEffect(() => {
		document.title = about?.cardData.title || id;
	}, [about?.cardData.title]);
	if (problem) {
		return (
			<div class="card problem" role="alert">
				<h2>{id} cannot be shown</h2>
				<p>{problem} A private Space is shown to who gives a token that may read it.</p>
			</div>
		);
	}
	if (!about) return <p class="nothing">…</p>;
	const choose = (name: Tab) => {
		setTab(name);
		const link = new URL(location.href);
		link.searchParams.set("tab", name);
		history.replaceState(null, "", link);
	};
	return (
		<div>
			<div class="row">
				<h2>{about.cardData.title || id}</h2>
				<small>{about.id}</small>
				<Stage stage={about.runtime.stage} />
				<a class="small" href={about.host} target="_blank" rel="noopener">
					Open alone
				</a>
			</div>
			{about.runtime.errorMessage && (
				<pre class="problem" tabIndex={0}>
					{about.runtime.errorMessage}
				</pre>
			)}
			<Tabs label="Views of the Space" tabs={TABS} chosen={tab} choose={choose} panel="view" />
			<div id="view" role="tabpanel" aria-labelledby={`view-tab-${tab}`}>
				{tab === "app" && <App about={about} />}
				{tab === "api" && <Api about={about} />}
				{tab === "files" && <Files id={id} />}
				{tab === "logs" && <Logs id={id} />}
			</div>
		</div>
	);
}

function App({ about }: { about: hub.Listed }) {
	if (about.private) {
		return <p class="nothing">A private Space's page cannot be framed, because a frame sends no token. Its API tab works.</p>;
	}
	return <iframe class="app" src={about.host} title={`The app of ${about.id}`} allow="camera; microphone; clipboard-write; fullscreen" />;
}

function Api({ about }: { about: hub.Listed }) {
	const [found, setFound] = useState<SpaceView>();
	const [problem, setProblem] = useState("");
	const who = token.value;
	useEffect(() => {
		let old = false;
		let opened: SpaceView | undefined;
		open(about.host, who).then(
			(space) => {
				opened = space;
				if (old) space.client.close();
				else setFound(space);
			},
			(error: Error) => setProblem(error.message),
		);
		return () => {
			old = true;
			opened?.client.close();
		};
	}, [about.host, who]);
	const calls = useMemo(() => found?.endpoints.map((endpoint) => new Call(found, endpoint)) ?? [], [found]);
	if (problem) {
		return (
			<p class="problem" role="alert">
				{problem}
			</p>
		);
	}
	return found ? <ApiPage space={found} calls={calls} fill /> : <p class="nothing">Looking at the Space…</p>;
}

function Files({ id }: { id: string }) {
	const [entries, setEntries] = useState<hub.Entry[]>();
	const [shown, setShown] = useState<[string, string]>();
	const [problem, setProblem] = useState("");
	useEffect(() => {
		hub.tree(id).then(setEntries, (error: Error) => setProblem(error.message));
	}, [id, token.value]);
	const show = async (entry: hub.Entry) => {
		try {
			const data = await hub.file(id, entry.path);
			const text = await data.slice(0, SHOWN_MAX).text();
			setShown([entry.path, text.includes("\0") ? "This is no text: download it." : text]);
		} catch (error) {
			setProblem((error as Error).message);
		}
	};
	const save = async (entry: hub.Entry) => {
		const address = URL.createObjectURL(await hub.file(id, entry.path));
		const link = document.createElement("a");
		link.href = address;
		link.download = entry.path.split("/").pop() ?? "file";
		link.click();
		setTimeout(() => URL.revokeObjectURL(address), 10_000);
	};
	const files = entries?.filter((one) => one.type === "file") ?? [];
	return (
		<div class="card">
			{problem && (
				<p class="wrong" role="alert">
					{problem}
				</p>
			)}
			<div class="table">
				<table aria-label="Files">
					<thead>
						<tr>
							<th scope="col">Path</th>
							<th scope="col">Size</th>
							<th scope="col">
								<span class="unseen">Download</span>
							</th>
						</tr>
					</thead>
					<tbody>
						{files.map((one) => (
							<tr key={one.path}>
								<td>
									<button type="button" class="link" onClick={() => show(one)}>
										{one.path}
									</button>
								</td>
								<td>{sizeText(one.size)}</td>
								<td>
									<button type="button" class="small" onClick={() => save(one)} aria-label={`Download ${one.path}`}>
										↓
									</button>
								</td>
							</tr>
						))}
					</tbody>
				</table>
			</div>
			{entries && !files.length && <p class="nothing">Nothing was uploaded yet.</p>}
			{shown && (
				<section aria-label={shown[0]}>
					<h3>{shown[0]}</h3>
					<pre tabIndex={0}>
						<code>{shown[1]}</code>
					</pre>
				</section>
			)}
		</div>
	);
}

function Logs({ id }: { id: string }) {
	const [which, setWhich] = useState<"run" | "build">("run");
	const [lines, setLines] = useState<string[]>([]);
	const [problem, setProblem] = useState("");
	const who = token.value;
	useEffect(() => {
		const gone = new AbortController();
		setLines([]);
		setProblem("");
		const follow = async () => {
			try {
				for await (const line of hub.logs(id, which, gone.signal)) setLines((before) => [...before, line].slice(-LINES_MAX));
			} catch (error) {
				if (gone.signal.aborted) return;
				const own = error instanceof hub.HubError && [401, 403].includes(error.status);
				setProblem(own ? "Logs are for those who may change the Space: give a token above." : (error as Error).message);
			}
		};
		void follow();
		return () => gone.abort();
	}, [id, which, who]);
	return (
		<div class="card">
			<div class="row">
				{(["run", "build"] as const).map((one) => (
					<button key={one} type="button" class="small" aria-pressed={which === one} onClick={() => setWhich(one)}>
						{one === "run" ? "Run" : "Build"}
					</button>
				))}
			</div>
			{problem ? (
				<p class="wrong" role="alert">
					{problem}
				</p>
			) : (
				<pre class="log" tabIndex={0} aria-label={`The ${which} log`}>
					{lines.join("")}
				</pre>
			)}
		</div>
	);
}
