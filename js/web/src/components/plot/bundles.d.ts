interface Plotly {
	newPlot(parent: HTMLElement, figure: object): Promise<unknown>;
	purge(parent: HTMLElement): void;
}

declare module "plotly.js-basic-dist-min" {
	const Plotly: Plotly;
	export default Plotly;
}

declare module "plotly.js-strict-dist-min" {
	const Plotly: Plotly;
	export default Plotly;
}
