# Everything begins here, on a bare machine with Python 3.11, git and make: `make run`.
.DEFAULT_GOAL := help
.PHONY: help setup run test check bench mutants weights help-text
BIN := .venv/bin

help:  ## show these lines
	@sed -n 's/^\([a-z-]*\):.*  ## /  make \1\t/p' $(MAKEFILE_LIST)

setup:  ## make .venv, with the dexter command in it
	@sh deploy/setup.sh runtime

run: setup  ## talk to a committee of local models in the terminal (fetches them at the first start)
	@$(BIN)/dexter chat

test:  ## set up what the tests need, and run them (ARGS=… goes to pytest)
	@sh deploy/setup.sh tests
	@sh deploy/tests_need.sh
	@$(BIN)/python deploy/fetch_weights.py smollm2-135m || echo "Tests of a real local model cannot run without its weights." >&2
	$(BIN)/pytest $(ARGS)

check:  ## format, lint, types, and the rule of who imports whom
	@sh deploy/setup.sh tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

help-text:  ## write the text of `dexter --help` anew, after a change to the table of commands
	@for language in en de; do $(BIN)/python -c 'import sys; from bot.commands.table import COMMANDS; \
		from bot.console.argv import usage; from bot.words import words_for; \
		print(usage(COMMANDS, words_for(sys.argv[1])))' $$language > bot/languages/help.$$language.txt; done

bench:  ## list the benchmarks, or run one: make bench NAME=startup
	@sh deploy/setup.sh tests
	@if [ -n "$(NAME)" ]; then $(BIN)/python benchmarks/$(NAME).py $(ARGS); else \
		for file in benchmarks/*.py; do printf '%-20s' "$$(basename $$file .py)"; sed -n '1s/"""//gp' $$file; done; fi

mutants:  ## change the voting rules one place at a time, and list the changes that no test notices
	@sh deploy/setup.sh tests
	$(BIN)/mutmut run
	$(BIN)/mutmut results

weights:  ## fetch the weights of the shipped committee ahead of the first start
	@sh deploy/setup.sh runtime
	@$(BIN)/python deploy/fetch_weights.py qwen2.5-coder-0.5b qwen2.5-coder-1.5b
