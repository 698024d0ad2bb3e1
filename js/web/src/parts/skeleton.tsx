/** Grey lines where something will be, as many as it is likely to have. */

import "./skeleton.css";

export function Skeleton({ lines = 1, height_px }: { lines?: number; height_px?: number }) {
	return (
		<div class="skeleton" aria-hidden="true">
			{Array.from({ length: lines }, (_, index) => (
				<span key={index} style={height_px === undefined ? undefined : { height: `${height_px}px` }} />
			))}
		</div>
	);
}
