/** The form of a sound above its player: a click moves to a place. A sound that is given can be trimmed. */

import { Scissors } from "lucide";
import type { RefObject } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { Button } from "../parts/button";
import { readForm, trim, type SoundForm } from "./sound";

const BARS = 160;

interface Props {
	address: string;
	audio: RefObject<HTMLAudioElement | null>;
	label: string;
	/** Takes the part that is kept; without it there is no trimming. */
	take?: ((part: Blob) => void) | undefined;
}

export function Waveform({ address, audio, label, take }: Props) {
	const [form, setForm] = useState<SoundForm>();
	const [played, setPlayed] = useState(0);
	const [part, setPart] = useState<[from: number, to: number]>([0, 1]);
	const [problem, setProblem] = useState("");
	useEffect(() => {
		let outdated = false;
		setForm(undefined);
		setPart([0, 1]);
		setPlayed(0);
		void readForm(address, BARS).then((found) => !outdated && setForm(found));
		return () => {
			outdated = true;
		};
	}, [address]);
	useEffect(() => {
		const player = audio.current;
		const onTime = () => setPlayed(player?.duration ? player.currentTime / player.duration : 0);
		player?.addEventListener("timeupdate", onTime);
		return () => player?.removeEventListener("timeupdate", onTime);
	}, []);
	const path = useMemo(() => form?.peaks.map(bar).join(""), [form]);
	const seek = (event: PointerEvent) => {
		const box = (event.currentTarget as Element).getBoundingClientRect();
		if (form && audio.current) audio.current.currentTime = ((event.clientX - box.left) / box.width) * form.duration_s;
	};
	const keep = async () => {
		const found = form && (await trim(address, part[0] * form.duration_s, part[1] * form.duration_s));
		if (found) take?.(found);
		else setProblem("The browser cannot decode this sound.");
	};
	return (
		<>
			<div class="waveform" onPointerDown={seek}>
				{path && (
					<svg viewBox={`0 0 ${BARS} 100`} preserveAspectRatio="none" aria-hidden="true">
						<path d={path} />
						<path class="played" d={path} style={{ clipPath: `inset(0 ${100 - played * 100}% 0 0)` }} />
					</svg>
				)}
				{form && take && (
					<>
						<span class="cut" style={{ left: 0, width: `${part[0] * 100}%` }} />
						<span class="cut" style={{ right: 0, width: `${(1 - part[1]) * 100}%` }} />
					</>
				)}
			</div>
			{form && take && (
				<div class="trim">
					<Edge label={`${label}: start`} value={part[0]} form={form} move={(to) => setPart([Math.min(to, part[1] - MIN_SHARE), part[1]])} />
					<Edge label={`${label}: end`} value={part[1]} form={form} move={(to) => setPart([part[0], Math.max(to, part[0] + MIN_SHARE)])} />
					<Button small icon={Scissors} disabled={part[0] === 0 && part[1] === 1} onClick={() => void keep()}>
						Trim
					</Button>
				</div>
			)}
			{problem && <p class="wrong">{problem}</p>}
		</>
	);
}

/** The shortest part that can be kept. */
const MIN_SHARE = 0.01;

function bar(peak: number, index: number): string {
	const height = Math.max(2, peak * 96);
	return `M${index + 0.15} ${50 - height / 2}h.7v${height}h-.7z`;
}

interface EdgeProps {
	label: string;
	value: number;
	form: SoundForm;
	move: (to: number) => void;
}

function Edge({ label, value, form, move }: EdgeProps) {
	const seconds = `${(value * form.duration_s).toFixed(2)} s`;
	return (
		<>
			<input type="range" min={0} max={1} step={0.005} value={value} aria-label={label} aria-valuetext={seconds} onInput={(event) => move(event.currentTarget.valueAsNumber)} />
			<small>{seconds}</small>
		</>
	);
}
