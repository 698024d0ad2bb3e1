/** The API of a Space, which need not run: the hub knows its endpoints since it last started. */

import { Unplug } from "lucide";
import { useEffect, useMemo, useState } from "preact/hooks";
import { Banner } from "../../../parts/banner";
import { Empty } from "../../../parts/empty";
import { Skeleton } from "../../../parts/skeleton";
import { Call } from "../../../services/call";
import { needsLogin } from "../../../services/client";
import type { SpaceSummary } from "../../../services/hub/spaces";
import { openSpace, type SpaceView } from "../../../services/space";
import { isSendable, token } from "../../../services/token";
import { ApiPage } from "../../api";

export function ApiTab({ space }: { space: SpaceSummary }) {
	const [opened, setOpened] = useState<SpaceView>();
	const [problem, setProblem] = useState("");
	const visitor = token.value;
	const none = space.sdk === "static" || space.runtime.stage === "NO_APP_FILE";
	useEffect(() => {
		if (none) return undefined;
		let closed = false;
		let view: SpaceView | undefined;
		setProblem("");
		const open = () => openSpace(space.host, isSendable(visitor) ? visitor : undefined);
		open().catch((error) => (needsLogin(error) && visitor ? openSpace(space.host) : Promise.reject(error))).then(
			(found) => {
				view = found;
				if (closed) found.client.close();
				else setOpened(found);
			},
			(error: Error) => !closed && setProblem(error.message),
		);
		return () => {
			closed = true;
			view?.client.close();
		};
	}, [space.host, visitor, none]);
	const calls = useMemo(() => opened?.endpoints.map((endpoint) => new Call(opened, endpoint)) ?? [], [opened]);
	if (none) {
		const text = space.sdk === "static" ? "A static page has no functions that could be called." : "It has none before its first app runs.";
		return <Empty icon={Unplug} title="There is no API" text={text} />;
	}
	if (problem) {
		return (
			<Banner tone="bad" role="alert" title="The API cannot be shown">
				{problem}
			</Banner>
		);
	}
	return opened ? <ApiPage space={opened} calls={calls} standalone /> : <Skeleton lines={8} />;
}
