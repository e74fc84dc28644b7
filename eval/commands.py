"""``wenyuan eval``: the evaluation and the demo from the product's command line."""

import typer

app = typer.Typer(no_args_is_help=True, help="Measure the product on a data set, or show the demo.")
_AS_GIVEN = {"allow_extra_args": True, "ignore_unknown_options": True}


@app.command(context_settings=_AS_GIVEN, add_help_option=False)
def run(context: typer.Context) -> None:
    """Measure the product on a data set (same options as python -m eval.run)."""
    from eval.run import main
    from wenyuan.obs import configure_logging

    configure_logging("WARNING")
    raise typer.Exit(main(context.args))


@app.command(context_settings=_AS_GIVEN, add_help_option=False)
def demo(context: typer.Context) -> None:
    """Show the main job on the demo corpus (same options as python -m eval.demo)."""
    from eval.demo.__main__ import main
    from wenyuan.obs import configure_logging

    configure_logging("CRITICAL")
    raise typer.Exit(main(context.args))
