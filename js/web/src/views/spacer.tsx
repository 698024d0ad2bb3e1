/** Room in a table's body for rows that are not drawn. */

export function Spacer({ height_px, columns }: { height_px: number; columns: number }) {
	if (!height_px) return null;
	return (
		<tr aria-hidden="true">
			<td class="spacer" colSpan={columns} style={{ height: `${height_px}px` }} />
		</tr>
	);
}
