/** How loud it is and how long it goes on, while it is recorded. */

import { useEffect, useState } from "preact/hooks";
import { clockText } from "./time";

const DRAWN_MS = 60;
/** Speech has a tenth of the full level. */
const GAIN = 4;

export function Level({ stream }: { stream: MediaStream }) {
	const [level, setLevel] = useState(0);
	const [seconds, setSeconds] = useState(0);
	useEffect(() => {
		const context = new AudioContext();
		const analyser = context.createAnalyser();
		const heard = stream.getAudioTracks().length > 0;
		if (heard) context.createMediaStreamSource(stream).connect(analyser);
		const samples = new Float32Array(analyser.fftSize);
		const started = performance.now();
		const timer = setInterval(() => {
			analyser.getFloatTimeDomainData(samples);
			const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
			setLevel(Math.min(1, Math.sqrt(power) * GAIN));
			setSeconds((performance.now() - started) / 1000);
		}, DRAWN_MS);
		return () => {
			clearInterval(timer);
			void context.close();
		};
	}, [stream]);
	return (
		<>
			<meter aria-label="Level" min={0} max={1} value={level} />
			<small class="clock">{clockText(seconds)}</small>
		</>
	);
}
