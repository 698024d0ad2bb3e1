/** What a user has changed, with which browser or token. */

import { ScrollText } from "lucide";
import { Empty } from "../../../parts/empty";
import { Select } from "../../../parts/select";
import { Skeleton } from "../../../parts/skeleton";
import { getLogOf, listUsers } from "../../../services/hub/admin";
import { address, addressOfAdmin, navigate } from "../../../services/hub/router";
import { Problem, useLoaded } from "../../../views/loaded";
import { LogView } from "../settings/log";

export const addressOfLog = (user: string) => `${addressOfAdmin("log")}?user=${encodeURIComponent(user)}`;

export function UserLogPage() {
	const [users, problem] = useLoaded(listUsers, "users");
	if (problem) return <Problem title="The users cannot be shown" text={problem} />;
	if (!users) return <Skeleton lines={6} height_px={36} />;
	const user = new URL(address.value).searchParams.get("user") ?? "";
	const options = [["", "Choose a user"], ...users.map(({ name }) => [name, name])] as [string, string][];
	const choice = <Select label="User" options={options} value={user} change={(name) => navigate(name ? addressOfLog(name) : addressOfAdmin("log"))} />;
	if (user) {
		return (
			<LogView of={user} load={() => getLogOf(user)}>
				{choice}
			</LogView>
		);
	}
	return (
		<>
			<div class="filters">{choice}</div>
			<Empty icon={ScrollText} title="Whose log?" text="Each request of a user that changed something, or tried to, stands in it." />
		</>
	);
}
