/** The bar of a Space's page: what it is called, its views, and what can be done with the page. */

import { LogOut, Moon, Share2, Sun } from "lucide";
import { useState } from "preact/hooks";
import { IconButton } from "../parts/button";
import { addressOf, type View } from "../services/address";
import type { Call } from "../services/call";
import type { SpaceView } from "../services/space";
import { shownTheme, theme, toggleTheme } from "../services/theme";
import { Icon } from "../parts/icon";
import { Recorder } from "./recorder";
import { ShareDialog } from "./share";
import "./bar.css";

const VIEWS: [View, string][] = [
	["app", "App"],
	["api", "API"],
	["history", "History"],
];

interface Props {
	space: SpaceView;
	call: Call | undefined;
	view: View;
	go: (view: View) => void;
}

export function SpaceBar({ space, call, view, go }: Props) {
	const [sharing, setSharing] = useState(false);
	const dark = theme.value && shownTheme() === "dark";
	return (
		<header class="bar">
			<div class="inside">
				<div class="name">
					{space.logo ? <img src={space.logo} alt="" /> : <span aria-hidden="true">{space.emoji}</span>}
					<h1 dir="auto">{space.title}</h1>
				</div>
				<nav aria-label="Views">
					{VIEWS.map(([name, text]) => (
						<a
							key={name}
							href={addressOf(name, call?.endpoint.name ?? "").href}
							aria-current={name === view ? "page" : undefined}
							onClick={(event) => {
								if (event.ctrlKey || event.metaKey || event.shiftKey) return;
								event.preventDefault();
								go(name);
							}}
						>
							{text}
						</a>
					))}
				</nav>
				<div class="tools">
					<Recorder space={space} />
					{call && <IconButton label="Share" icon={Share2} onClick={() => setSharing(true)} />}
					<IconButton label="Dark or light" icon={dark ? Sun : Moon} onClick={toggleTheme} />
					{space.user !== null && (
						<a class="button ghost" href={`${space.root}logout`} aria-label={`Log out ${space.user}`}>
							<Icon of={LogOut} />
							{space.user}
						</a>
					)}
				</div>
			</div>
			{call && <ShareDialog space={space} call={call} open={sharing} close={() => setSharing(false)} />}
		</header>
	);
}
