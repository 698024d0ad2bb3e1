/** One's own access tokens: listed with their last use, made, revoked. */

import { KeyRound, ScrollText, Trash2 } from "lucide";
import { useState } from "preact/hooks";
import { Badge } from "../../../parts/badge";
import { Banner } from "../../../parts/banner";
import { CopyButton, IconButton } from "../../../parts/button";
import { Card } from "../../../parts/card";
import { Empty } from "../../../parts/empty";
import { Icon } from "../../../parts/icon";
import { Skeleton } from "../../../parts/skeleton";
import { addressOfSettings } from "../../../services/hub/router";
import { showFailure, showToast } from "../../../services/hub/toasts";
import { type AccessToken, listTokens, revokeToken, type TokenRole } from "../../../services/hub/tokens";
import { Problem, useLoaded } from "../../../views/loaded";
import { agoText, dateText } from "../../../views/time";
import { NewToken } from "./newtoken";

const ROLES: Record<TokenRole, string> = { read: "Read", write: "Read and write", fineGrained: "Only its scopes" };

export function TokensPage() {
	const [tokens, problem, reload] = useLoaded(listTokens, "tokens");
	const [made, setMade] = useState<{ name: string; secret: string }>();
	const revoke = ({ id, name }: AccessToken) =>
		void revokeToken(id).then(() => {
			showToast("Revoked", name);
			if (made?.name === name) setMade(undefined);
			reload();
		}, showFailure);
	const onMade = (name: string, secret: string) => {
		setMade({ name, secret });
		scrollTo({ top: 0, behavior: "smooth" });
		reload();
	};
	return (
		<>
			<p>Programs sign in with a token: HF_TOKEN, hf auth login, an Authorization header. What was revoked ends at once.</p>
			{made && (
				<Banner tone="good" role="status" title={`The token ${made.name} is made: copy it now, it is not shown again`}>
					<div class="made">
						<code>{made.secret}</code>
						<CopyButton text={made.secret} />
					</div>
				</Banner>
			)}
			{problem && <Problem title="The tokens cannot be shown" text={problem} />}
			{!tokens && !problem && <Skeleton lines={6} height_px={44} />}
			{tokens && (
				<>
					<TokenList tokens={tokens} revoke={revoke} />
					<NewToken made={onMade} />
				</>
			)}
		</>
	);
}

function TokenList({ tokens, revoke }: { tokens: AccessToken[]; revoke: (token: AccessToken) => void }) {
	return (
		<Card title="Your tokens">
			{tokens.length === 0 && <Empty icon={KeyRound} title="You have no tokens" text="Make one below for each program and machine, so that you can revoke one alone." />}
			{tokens.length > 0 && (
				<ul class="entries" aria-label="Tokens">
					{tokens.map((one) => (
						<Token key={one.id} token={one} revoke={() => revoke(one)} />
					))}
				</ul>
			)}
		</Card>
	);
}

function Token({ token, revoke }: { token: AccessToken; revoke: () => void }) {
	const { name, shown, role, scopes, expiresAt, usedAt, usedFrom } = token;
	const expired = expiresAt !== null && expiresAt * 1000 <= Date.now();
	return (
		<li>
			<Icon of={KeyRound} size={20} />
			<div>
				<strong>{name}</strong> <code>{shown}…</code>
				<small>
					{usedAt === null ? "Never used" : `Last used ${agoText(usedAt * 1000)} from ${usedFrom ?? "an unknown address"}`}
					{" · "}
					{expiresAt === null ? "does not expire" : `${expired ? "expired" : "expires"} ${dateText(expiresAt * 1000)}`}
				</small>
				{scopes.length > 0 && <small>{scopes.join(", ")}</small>}
			</div>
			{expired ? <Badge tone="warn">Expired</Badge> : <Badge>{ROLES[role]}</Badge>}
			<a class="button small ghost" href={`${addressOfSettings("log")}?credential=${encodeURIComponent(`token ${name}`)}`} aria-label={`Log of ${name}`}>
				<Icon of={ScrollText} />
				Log
			</a>
			<IconButton label={`Revoke ${name}`} icon={Trash2} onClick={revoke} />
		</li>
	);
}
