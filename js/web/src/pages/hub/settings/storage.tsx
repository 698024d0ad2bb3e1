/** How much the Spaces of an account keep, of what its tier allows. */

import type { StorageUsage } from "../../../services/hub/account";
import { sizeText } from "../../../views/file";

const FULL = 0.9;

export function StorageMeter({ used, limit }: StorageUsage) {
	return (
		<p class="storage">
			{limit > 0 && <meter min={0} max={1} high={FULL} optimum={0} value={Math.min(1, used / limit)} aria-label="Storage" />}
			<small>
				Spaces keep {sizeText(used)}
				{limit > 0 && ` of ${sizeText(limit)}`}
			</small>
		</p>
	);
}
