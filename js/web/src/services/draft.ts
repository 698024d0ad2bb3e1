/** What an input holds while the text in it is not a value yet, as JSON that is half typed. It is never sent. */
export class Draft {
	constructor(
		readonly text: string,
		/** What is wrong with it, for the person who types. */
		readonly problem: string,
	) {}
}
