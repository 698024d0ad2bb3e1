/** The login form of a Space with accounts. */

/** Whether the server took the name and password; it has set a cookie then. */
export async function logIn(root: string, form: FormData): Promise<boolean> {
	const body = new URLSearchParams(form as unknown as Record<string, string>);
	return (await fetch(`${root}login`, { method: "POST", body })).ok;
}
