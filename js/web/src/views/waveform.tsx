/** A sound as one control: its form with the place that is played, the edges of the part that is kept, time and volume. */

import { Pause, Play, Scissors, Volume2, VolumeX } from "lucide";
import type { ComponentChildren, RefObject } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { Button, IconButton } from "../parts/button";
import { readForm, trim, type SoundForm } from "./sound";
import { clockText } from "./time";

const BARS = 160;
/** The shortest part that can be kept. */
const MIN_SHARE = 0.01;
const STEP = 0.005;

interface Props {
	address: string;
	audio: RefObject<HTMLAudioElement | null>;
	/** What it is called, and with the name of its file. */
	label: string;
	title: string;
	/** Takes the part that is kept; without it there is no trimming. */
	take?: ((part: Blob) => void) | undefined;
	/** Told when the sound cannot be drawn: the browser's own player is shown then. */
	fail: () => void;
}

export function Waveform({ address, audio, label, title, take, fail }: Props) {
	const [form, setForm] = useState<SoundForm>();
	const [part, setPart] = useState<[from: number, to: number]>([0, 1]);
	const [problem, setProblem] = useState("");
	useEffect(() => {
		let outdated = false;
		setForm(undefined);
		setPart([0, 1]);
		void readForm(address, BARS).then((found) => {
			if (outdated) return;
			if (found) setForm(found);
			else fail();
		});
		return () => {
			outdated = true;
		};
	}, [address]);
	const keep = async () => {
		const found = form && (await trim(address, part[0] * form.duration_s, part[1] * form.duration_s));
		if (found) take?.(found);
		else setProblem("The browser cannot decode this sound.");
	};
	if (!form) return <div class="waveform" />;
	const whole = part[0] === 0 && part[1] === 1;
	const length = whole ? "" : ` to ${((part[1] - part[0]) * form.duration_s).toFixed(2)} s`;
	return (
		<>
			<Player audio={audio.current as HTMLAudioElement} form={form} title={title} part={part}>
				{take && (
					<>
						<span class="cut" style={{ left: 0, width: `${part[0] * 100}%` }} />
						<span class="cut" style={{ right: 0, width: `${(1 - part[1]) * 100}%` }} />
						<Edge label={`${label}: start`} value={part[0]} form={form} move={(to) => setPart([Math.min(to, part[1] - MIN_SHARE), part[1]])} />
						<Edge label={`${label}: end`} value={part[1]} form={form} move={(to) => setPart([part[0], Math.max(to, part[0] + MIN_SHARE)])} />
					</>
				)}
			</Player>
			{take && (
				<div class="row">
					<Button small icon={Scissors} disabled={whole} onClick={() => void keep()}>
						Trim{length}
					</Button>
					{whole && <small>Drag an edge of the sound to keep a part of it.</small>}
				</div>
			)}
			{problem && <p class="wrong">{problem}</p>}
		</>
	);
}

interface PlayerProps {
	audio: HTMLAudioElement;
	form: SoundForm;
	title: string;
	/** It plays this part. */
	part: [from: number, to: number];
	children?: ComponentChildren;
}

function Player({ audio, form, title, part, children }: PlayerProps) {
	const [played, setPlayed] = useState(0);
	const [playing, setPlaying] = useState(false);
	const [volume, setVolume] = useState(audio.muted ? 0 : audio.volume);
	const path = useMemo(() => form.peaks.map(bar).join(""), [form]);
	const [from_s, to_s] = [part[0] * form.duration_s, part[1] * form.duration_s];
	useEffect(() => {
		let frame = 0;
		const read = () => {
			setPlaying(!audio.paused);
			setPlayed(Math.min(1, audio.currentTime / form.duration_s));
			setVolume(audio.muted ? 0 : audio.volume);
			cancelAnimationFrame(frame);
			if (audio.paused) return;
			if (audio.currentTime >= to_s && part[1] < 1) audio.pause();
			frame = requestAnimationFrame(read);
		};
		const events = ["play", "pause", "ended", "seeked", "volumechange"];
		for (const event of events) audio.addEventListener(event, read);
		read();
		return () => {
			cancelAnimationFrame(frame);
			for (const event of events) audio.removeEventListener(event, read);
		};
	}, [audio, form, to_s]);
	const toggle = () => {
		if (playing) return audio.pause();
		if (audio.currentTime < from_s || audio.currentTime >= to_s - MIN_SHARE) audio.currentTime = from_s;
		void audio.play().catch(() => undefined); // it says why itself
	};
	const now = clockText(played * form.duration_s);
	const whole = clockText(form.duration_s);
	return (
		<div class="player" role="group" aria-label={title}>
			<div class="waveform">
				<svg viewBox={`0 0 ${BARS} 100`} preserveAspectRatio="none" aria-hidden="true">
					<path d={path} />
					<path class="played" d={path} style={{ clipPath: `inset(0 ${100 - played * 100}% 0 0)` }} />
				</svg>
				<input
					type="range"
					class="place"
					min={0}
					max={1}
					step={STEP}
					value={played}
					aria-label={`${title}: place`}
					aria-valuetext={`${now} of ${whole}`}
					onInput={(event) => {
						audio.currentTime = event.currentTarget.valueAsNumber * form.duration_s;
					}}
				/>
				{children}
			</div>
			<div class="row">
				<IconButton label={playing ? "Pause" : "Play"} icon={playing ? Pause : Play} onClick={toggle} />
				<small class="clock">
					{now} / {whole}
				</small>
				<span class="volume">
					<IconButton
						label={volume ? "Mute" : "Unmute"}
						icon={volume ? Volume2 : VolumeX}
						onClick={() => {
							audio.muted = volume > 0;
							if (!volume && !audio.volume) audio.volume = 1;
						}}
					/>
					<input
						type="range"
						min={0}
						max={1}
						step={0.05}
						value={volume}
						aria-label="Volume"
						aria-valuetext={`${Math.round(volume * 100)} %`}
						onInput={(event) => {
							audio.volume = event.currentTarget.valueAsNumber;
							audio.muted = false;
						}}
					/>
				</span>
			</div>
		</div>
	);
}

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

/** The line at an edge of the part that is kept; between the edges the pointer is the player's. */
function Edge({ label, value, form, move }: EdgeProps) {
	const seconds = `${(value * form.duration_s).toFixed(2)} s`;
	return (
		<input type="range" class="edge" min={0} max={1} step={STEP} value={value} aria-label={label} aria-valuetext={seconds} onInput={(event) => move(event.currentTarget.valueAsNumber)} />
	);
}
