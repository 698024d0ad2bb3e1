/** The organizations that the visitor belongs to, and a new one. */

import { Plus, UsersRound } from "lucide";
import { useId, useState } from "preact/hooks";
import { Badge } from "../../../parts/badge";
import { Button } from "../../../parts/button";
import { Card } from "../../../parts/card";
import { Empty } from "../../../parts/empty";
import { Field } from "../../../parts/field";
import { Icon } from "../../../parts/icon";
import { addOrganization } from "../../../services/hub/organizations";
import { addressOfOrganization, navigate } from "../../../services/hub/router";
import { reloadViewer, viewer } from "../../../services/hub/viewer";

export function OrganizationsPage() {
	const organizations = viewer.value?.organizations ?? [];
	return (
		<>
			<p>Their members share Spaces, each with a role.</p>
			<Card title="Yours">
				{organizations.length === 0 && (
					<Empty icon={UsersRound} title="You are in no organization" text="Open the link of an invitation, or make an organization and invite others." />
				)}
				{organizations.length > 0 && (
					<ul class="entries" aria-label="Organizations">
						{organizations.map(({ name, role }) => (
							<li key={name}>
								<Icon of={UsersRound} size={20} />
								<div>
									<strong>
										<a href={addressOfOrganization(name)}>{name}</a>
									</strong>
								</div>
								<Badge>{role}</Badge>
							</li>
						))}
					</ul>
				)}
			</Card>
			{viewer.value?.writes && <NewOrganization />}
		</>
	);
}

function NewOrganization() {
	const id = useId();
	const [name, setName] = useState("");
	const [problem, setProblem] = useState<string>();
	const make = (event: Event) => {
		event.preventDefault();
		addOrganization(name.trim()).then(
			async () => {
				await reloadViewer();
				navigate(addressOfOrganization(name.trim()));
			},
			(error: Error) => setProblem(error.message),
		);
	};
	return (
		<Card title="New organization">
			<form class="fields" onSubmit={make}>
				<Field id={id} label="Name" info="Letters, digits, “-”, “_” and “.”: a part of the addresses of its Spaces." problem={problem}>
					<input
						id={id}
						autocomplete="off"
						spellcheck={false}
						value={name}
						aria-describedby={`${id}-problem`}
						onInput={(event) => setName(event.currentTarget.value)}
					/>
				</Field>
				<div>
					<Button type="submit" icon={Plus} disabled={!name.trim()}>
						Make it
					</Button>
				</div>
			</form>
		</Card>
	);
}
