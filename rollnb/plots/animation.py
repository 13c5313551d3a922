"""A run as a film: the slide, uncovered from left to right as time passes."""

from __future__ import annotations

import base64
import io
import shutil
import subprocess
from collections.abc import Callable, Iterable
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from rollnb.plots.figures import LEAST_WIDTH
from rollnb.plots.films import Film
from rollnb.plots.pictures import replicas
from rollnb.plots.player import write_page
from rollnb.plots.progress import show_progress
from rollnb.validation import check_number

ENDINGS = (".gif", ".html", ".mp4")

#: Seconds of film for which the last picture stays.
HOLD_SECONDS = 2.0


def animate(
    run: Any,
    path: str | Path,
    title: str = "",
    *,
    draw: Callable[..., Any] = replicas,
    seconds: float = 6.0,
    frames_per_second: int = 10,
    width: int = 960,
    progress: Callable[[Iterable[float]], Iterable[float]] = show_progress,
    **options: Any,
) -> Path:
    """Write a film of a run: all of it, from its first action on, in some seconds.

    Below the title stand the pods of the moment; the measures of the run come at the end.

    Parameters
    ----------
    run, title, draw, **options
        As for `slide`.
    path : str or Path
        Its ending says what is written: ``.gif``; ``.html``, a page that needs nothing else, with
        a button to play and pause and a slider; ``.mp4``, which needs ``ffmpeg``, that of the
        system or that of the package ``imageio-ffmpeg``. A folder that is missing is made.
    seconds : float
        How long the film plays.
    frames_per_second : int
    width : int
        Of the picture in pixels, whose height is 9/16 of that.
    progress : function, optional
        Passes on what it iterates over and shows how far it is; by default with a bar, if it
        takes longer than a second and someone is there to see it. ``iter`` shows nothing.

    Returns
    -------
    Path

    Raises
    ------
    ValueError
        If the ending is another one.
    RuntimeError
        If there is no ``ffmpeg``.
    """
    check_number("seconds", seconds, of="seconds", positive=True)
    check_number("frames_per_second", frames_per_second, positive=True)
    check_number("width", width, of="pixels", least=LEAST_WIDTH, whole=True)
    path = Path(path)
    if path.suffix not in ENDINGS:
        raise ValueError(f"{path.name!r} does not end with one of {', '.join(ENDINGS)}")
    ffmpeg = find_ffmpeg() if path.suffix == ".mp4" else None
    path.parent.mkdir(parents=True, exist_ok=True)
    film = Film(run, title, draw, options, width)
    times = np.linspace(film.begin, film.end, max(round(seconds * frames_per_second), 2)).tolist()
    pictures = map(film.picture, progress(times))
    if ffmpeg is not None:
        write_video(path, pictures, frames_per_second, ffmpeg)
        return path
    # All colours that ever occur are there at the end.
    last = film.picture(film.end).quantize(method=Image.Quantize.FASTOCTREE)
    pictures = (one.quantize(palette=last, dither=Image.Dither.NONE) for one in pictures)
    if path.suffix == ".gif":
        write_gif(path, pictures, len(times), frames_per_second)
    else:
        texts = [encode(picture) for picture in pictures]
        write_page(path, texts, times, frames_per_second, film.words, film.lang)
    return path


def find_ffmpeg() -> str:
    """Return the path of ffmpeg: the system's, or that of the package imageio-ffmpeg."""
    if path := shutil.which("ffmpeg"):
        return path
    try:
        import imageio_ffmpeg  # only this needs it
    except ImportError:
        raise RuntimeError(
            "an .mp4 needs ffmpeg (apt install ffmpeg, or pip install imageio-ffmpeg); "
            ".gif and .html do not"
        ) from None
    return imageio_ffmpeg.get_ffmpeg_exe()


def write_gif(path: Path, pictures: Iterable[Image.Image], count: int, rate: int) -> None:
    """Write so many pictures with one palette as a GIF that begins anew."""
    pauses = [1000 / rate] * count
    pauses[-1] += 1000 * HOLD_SECONDS
    pictures = iter(pictures)
    options = {"save_all": True, "append_images": pictures, "duration": pauses, "loop": 0}
    next(pictures).save(path, **options)


def encode(picture: Image.Image) -> str:
    """Return a picture as the base64 text of a PNG."""
    buffer = io.BytesIO()
    picture.save(buffer, "png")
    return base64.b64encode(buffer.getvalue()).decode("ascii")


def write_video(path: Path, pictures: Iterable[Image.Image], rate: int, ffmpeg: str) -> None:
    """Write pictures as a video in H.264, which browsers and phones play."""
    pictures = iter(pictures)
    first = next(pictures)
    size = "{}x{}".format(*first.size)
    asked = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", size, "-r", str(rate), "-i", "-"]
    # The last picture stays; this kind of video has an even width and height.
    hold = f"tpad=stop_mode=clone:stop_duration={HOLD_SECONDS},pad=ceil(iw/2)*2:ceil(ih/2)*2"
    asked += ["-vf", hold, "-c:v", "h264", "-pix_fmt", "yuv420p", str(path)]
    command = [ffmpeg, "-y", "-loglevel", "error", *asked]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        with suppress(BrokenPipeError), process.stdin:
            for picture in chain([first], pictures):
                process.stdin.write(picture.tobytes())
        said = process.stderr.read().decode()
    if process.returncode:
        raise RuntimeError(f"ffmpeg did not write {path.name!r}: {said.strip()}")
