#pragma once

#include <stdio.h>
#include <readline/history.h>
#include <readline/readline.h>

// Readline is steered by global variables, which Swift 6 does not let through: they are set here. One thread only.

static inline void zoosh_rl_configure(
    FILE *output, rl_completion_func_t *complete, char *(*word_breaks)(void),
    rl_compdisp_func_t *display) {
    rl_readline_name = "zoosh";
    rl_instream = stdin;
    rl_outstream = output;
    rl_catch_signals = 0;
    rl_catch_sigwinch = 0;
    rl_change_environment = 0;
    // Before the inputrc is read, so that the user's own settings win. The question "Display all possibilities?" reads
    // from the terminal within a callback and is spoilt by events: the list is capped instead.
    rl_variable_bind("show-all-if-ambiguous", "on");
    rl_variable_bind("completion-query-items", "0");
    rl_variable_bind("page-completions", "off");
    rl_variable_bind("mark-directories", "off");
    rl_attempted_completion_function = complete;
    rl_completer_word_break_characters = (char *)" \t\n";
    rl_completer_quote_characters = NULL;
    rl_completion_word_break_hook = word_breaks;
    rl_completion_display_matches_hook = display;
    rl_sort_completion_matches = 0;
    using_history();
    history_comment_char = '#';
    history_write_timestamps = 1;
    history_multiline_entries = 1;
}

// A remark below a list of completions.
static inline void zoosh_rl_print_remark(const char *text) {
    rl_crlf();
    fputs(text, rl_outstream);
    rl_crlf();
}

// Of the completion that is going on: readline sets them anew before each one.
static inline void zoosh_rl_completion_done(int append_character) {
    rl_attempted_completion_over = 1;
    rl_filename_completion_desired = 0;
    rl_completion_suppress_quote = 1;
    rl_completion_append_character = append_character;
    rl_completion_suppress_append = append_character == 0;
}

static inline const char *zoosh_rl_line(void) { return rl_line_buffer; }
static inline int zoosh_rl_point(void) { return rl_point; }
static inline int zoosh_rl_end(void) { return rl_end; }

// Prints whole lines above the line that is being edited, in the middle of a word, of a wrapped line or of a search.
static inline void zoosh_rl_print_above(const char *text) {
    rl_clear_visible_line();
    fputs(text, rl_outstream);
    fflush(rl_outstream);
    rl_on_new_line();
    rl_redisplay();
}

// What Ctrl-C does: ends a search or an argument, leaves the line on the screen and starts an empty one.
static inline void zoosh_rl_interrupt(void) {
    rl_callback_sigcleanup();
    rl_free_line_state();
    rl_point = rl_end;
    rl_redisplay();
    fputs("^C\n", rl_outstream);
    fflush(rl_outstream);
    rl_replace_line("", 0);
    rl_on_new_line();
    rl_redisplay();
}

// A new prompt for the line that is being edited.
static inline void zoosh_rl_change_prompt(const char *prompt) {
    rl_clear_visible_line();
    rl_set_prompt(prompt);
    rl_on_new_line();
    rl_redisplay();
}

static inline void zoosh_rl_suspend(void) { rl_deprep_terminal(); }

static inline void zoosh_rl_resume(void) {
    rl_prep_terminal(1);
    rl_reset_screen_size();
    rl_forced_update_display();
}

// The readline function behind a key that is not bound yet, also by the user's inputrc.
static inline void zoosh_rl_add(const char *name, rl_command_func_t *function, const char *keys) {
    rl_add_defun(name, function, -1);
    if (keys) rl_bind_keyseq_if_unbound(keys, function);
}

static inline void zoosh_rl_replace_line(const char *text) {
    rl_begin_undo_group();
    rl_delete_text(0, rl_end);
    rl_point = 0;
    rl_insert_text(text);
    rl_end_undo_group();
}
