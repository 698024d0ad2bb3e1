/** The files of a Space's repository. */

import { useEffect, useState } from "preact/hooks";
import { getFile, listFiles, type RepositoryEntry } from "../../services/hub/repository";
import { token } from "../../services/token";
import { sizeText } from "../../views/file";

const SHOWN_MAX = 200_000;
const DOWNLOAD_MS = 10_000;

async function readText(id: string, path: string): Promise<string> {
	const data = await getFile(id, path);
	const text = await data.slice(0, SHOWN_MAX).text();
	if (text.includes("\0")) return "Binary file: download it to view.";
	return data.size > SHOWN_MAX ? `${text}\n… ${sizeText(data.size - SHOWN_MAX)} more: download the file to see all of it.` : text;
}

async function download(id: string, path: string): Promise<void> {
	const address = URL.createObjectURL(await getFile(id, path));
	const link = document.createElement("a");
	link.href = address;
	link.download = path.split("/").pop() ?? "file";
	link.click();
	setTimeout(() => URL.revokeObjectURL(address), DOWNLOAD_MS);
}

export function FilesTab({ id }: { id: string }) {
	const [entries, setEntries] = useState<RepositoryEntry[]>();
	const [shown, setShown] = useState<[path: string, text: string]>();
	const [problem, setProblem] = useState("");
	const fail = (error: Error) => setProblem(error.message);
	useEffect(() => {
		listFiles(id).then((found) => {
			setEntries(found);
			setProblem("");
		}, fail);
	}, [id, token.value]);
	const files = entries?.filter((one) => one.type === "file") ?? [];
	return (
		<div class="card">
			{problem && (
				<p class="wrong" role="alert">
					{problem}
				</p>
			)}
			<div class="table">
				<table aria-label="Files">
					<thead>
						<tr>
							<th scope="col">Path</th>
							<th scope="col">Size</th>
							<th scope="col">
								<span class="visually-hidden">Download</span>
							</th>
						</tr>
					</thead>
					<tbody>
						{files.map(({ path, size }) => (
							<tr key={path}>
								<td>
									<button type="button" class="link" onClick={() => readText(id, path).then((text) => setShown([path, text]), fail)}>
										{path}
									</button>
								</td>
								<td>{sizeText(size)}</td>
								<td>
									<button type="button" class="small" onClick={() => download(id, path).catch(fail)} aria-label={`Download ${path}`}>
										↓
									</button>
								</td>
							</tr>
						))}
					</tbody>
				</table>
			</div>
			{entries && !files.length && <p class="empty">The repository is empty.</p>}
			{shown && (
				<section aria-label={shown[0]}>
					<h3>{shown[0]}</h3>
					<pre tabIndex={0}>
						<code>{shown[1]}</code>
					</pre>
				</section>
			)}
		</div>
	);
}
