/** What to give to others: a link that holds the inputs, and HTML that shows the Space in another page. */

import { Link } from "lucide";
import { useState } from "preact/hooks";
import { Button } from "../parts/button";
import { CodeBlock } from "../parts/codeblock";
import { Dialog } from "../parts/dialog";
import { shareAddress } from "../services/address";
import type { Call } from "../services/call";
import { embedCode } from "../services/embed";
import { shorten } from "../services/shorten";
import type { SpaceView } from "../services/space";

const MESSAGE_MS = 1500;
const LONG_MESSAGE_MS = 8000;
/** Inputs that the message names, and characters of each name. */
const NAMED_MAX = 3;
const NAME_MAX = 40;

function listOf(labels: string[]): string {
	const named = labels.slice(0, NAMED_MAX).map((label) => shorten(label, NAME_MAX));
	const rest = labels.length - named.length;
	return named.join(", ") + (rest ? ` and ${rest} more` : "");
}

interface Props {
	space: SpaceView;
	call: Call;
	open: boolean;
	close: () => void;
}

export function ShareDialog({ space, call, open, close }: Props) {
	return (
		<Dialog title="Share" open={open} close={close}>
			{open && <Content space={space} call={call} />}
		</Dialog>
	);
}

function Content({ space, call }: { space: SpaceView; call: Call }) {
	const { address } = shareAddress(call);
	const { frame, element } = embedCode(space.root, space.title, call.endpoint.name);
	return (
		<>
			<div class="field">
				<label for="share-link">Link to this page with these inputs</label>
				<input id="share-link" readOnly value={address} onFocus={(event) => event.currentTarget.select()} />
				<div class="row">
					<ShareLink call={call} />
				</div>
			</div>
			<h3>Show it in another page</h3>
			<CodeBlock title="As an element that grows with its content" language="html" code={element} copyLabel="Copy element" wrap />
			<CodeBlock title="As a frame" language="html" code={frame} copyLabel="Copy frame" wrap />
		</>
	);
}

/** Copies an address that opens the page with these inputs, and says which inputs it leaves out. */
function ShareLink({ call }: { call: Call }) {
	const [message, setMessage] = useState("");
	const copy = async () => {
		const { address, omitted } = shareAddress(call);
		history.replaceState(null, "", address);
		const copied = await navigator.clipboard?.writeText(address).then(
			() => true,
			() => false,
		);
		const said = copied ? "Link copied" : "The link is in the address bar";
		setMessage(omitted.length ? `${said}, without ${listOf(omitted)} (a file, a password, or too long)` : said);
		setTimeout(() => setMessage(""), omitted.length ? LONG_MESSAGE_MS : MESSAGE_MS);
	};
	return (
		<Button look="primary" icon={Link} onClick={copy} aria-live="polite">
			{message || "Copy link"}
		</Button>
	);
}
