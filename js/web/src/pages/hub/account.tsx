/** Who the visitor is, at the end of the bar: a way in, or a menu. */

import { type IconNode, KeyRound, LayoutGrid, LogOut, Settings, ShieldCheck } from "lucide";
import { useId, useState } from "preact/hooks";
import { Button, IconButton } from "../../parts/button";
import { Dialog } from "../../parts/dialog";
import { Field } from "../../parts/field";
import { Menu } from "../../parts/menu";
import { hubRoot } from "../../services/hub/http";
import { address, addressOfAdmin, addressOfOwner, addressOfSettings } from "../../services/hub/router";
import { showFailure } from "../../services/hub/toasts";
import { hasSession, signOut, viewer } from "../../services/hub/viewer";
import { token } from "../../services/token";

const PERSON: IconNode = [
	["circle", { cx: "12", cy: "8", r: "5" }],
	["path", { d: "M20 21a8 8 0 0 0-16 0" }],
];

export function AccountMenu() {
	const [open, setOpen] = useState(false);
	const known = viewer.value;
	const items = known
		? [
				{ text: "Your Spaces", hint: known.name, icon: LayoutGrid, href: addressOfOwner(known.name) },
				...known.organizations.map(({ name }) => ({ text: name, hint: "Organization", icon: LayoutGrid, href: addressOfOwner(name) })),
				...(known.isAdmin ? [{ text: "Administration", hint: "Users, tiers, machine", icon: ShieldCheck, href: addressOfAdmin("users") }] : []),
				...(hasSession()
					? [
							{ text: "Settings", hint: "Account and tokens", icon: Settings, href: addressOfSettings("account") },
							{ text: "Sign out", icon: LogOut, action: () => void signOut().catch(showFailure) },
						]
					: [
							{ text: "Use another token", icon: KeyRound, action: () => setOpen(true) },
							{
								text: "Forget the token",
								icon: LogOut,
								action: () => {
									token.value = "";
								},
							},
						]),
			]
		: [];
	return (
		<>
			{known ? (
				<Menu label={`Account of ${known.name}`} icon={PERSON} text={known.name} items={items} />
			) : (
				viewer.value === null && (
					<>
						<IconButton label="Use a token" icon={KeyRound} size={20} onClick={() => setOpen(true)} />
						<a class="button small" href={`${hubRoot}login?next=${encodeURIComponent(pathOf(address.value))}`}>
							Sign in
						</a>
					</>
				)
			)}
			<TokenDialog open={open} close={() => setOpen(false)} />
		</>
	);
}

/** Where to come back to after signing in. */
function pathOf(href: string): string {
	const { pathname, search } = new URL(href);
	return pathname + search;
}

function TokenDialog({ open, close }: { open: boolean; close: () => void }) {
	const id = useId();
	const [text, setText] = useState("");
	const use = (event: Event) => {
		event.preventDefault();
		token.value = text.trim();
		setText("");
		close();
	};
	return (
		<Dialog
			title="Use a token"
			open={open}
			close={close}
			footer={
				<>
					<Button onClick={close}>Cancel</Button>
					<Button look="primary" onClick={use} disabled={!text.trim()}>
						Use it
					</Button>
				</>
			}
		>
			<form onSubmit={use}>
				<Field
					id={id}
					label="Token"
					info="It shows what is yours, and lets you change it. It is sent in headers only, and kept until this tab is closed."
				>
					<input
						id={id}
						type="password"
						autocomplete="off"
						autofocus
						placeholder="hf_…"
						value={text}
						onInput={(event) => setText(event.currentTarget.value)}
					/>
				</Field>
			</form>
		</Dialog>
	);
}
