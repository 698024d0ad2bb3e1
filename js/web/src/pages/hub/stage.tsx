/** What a Space does now. */

export function StageBadge({ stage }: { stage: string }) {
	return <span class={`badge ${stage}`}>{stage.toLowerCase().replace(/_/g, " ")}</span>;
}
