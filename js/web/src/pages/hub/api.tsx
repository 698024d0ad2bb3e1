/** The API of a Space, which need not run: the hub knows its endpoints since it last started. */

import { useEffect, useMemo, useState } from "preact/hooks";
import { Call } from "../../services/call";
import type { SpaceSummary } from "../../services/hub/spaces";
import { openSpace, type SpaceView } from "../../services/space";
import { token } from "../../services/token";
import { ApiPage } from "../api";

export function ApiTab({ space }: { space: SpaceSummary }) {
	const [opened, setOpened] = useState<SpaceView>();
	const [problem, setProblem] = useState("");
	const visitor = token.value;
	useEffect(() => {
		let closed = false;
		let view: SpaceView | undefined;
		setProblem("");
		openSpace(space.host, visitor).then(
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
	}, [space.host, visitor]);
	const calls = useMemo(() => opened?.endpoints.map((endpoint) => new Call(opened, endpoint)) ?? [], [opened]);
	if (problem) {
		return (
			<p class="problem" role="alert">
				{problem}
			</p>
		);
	}
	return opened ? <ApiPage space={opened} calls={calls} standalone /> : <p class="empty">Loading the API…</p>;
}
