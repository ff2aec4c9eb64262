# zsh -f zsh_offers.zsh FPATH LINE: prints the matches that completing LINE gives, in a zsh on a pseudo-terminal.
zmodload zsh/zpty || exit 2
folder=$1 line=$2
zpty inner zsh -f -i
zpty -w inner "PROMPT= RPROMPT= ; unsetopt zle_bracketed_paste 2>/dev/null; fpath=(${(q)folder} \$fpath); autoload -Uz compinit && compinit -u -D"
# Every match goes through compadd; -O gives them without adding, so that they can be printed.
zpty -w inner 'function compadd() {
  if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then builtin compadd "$@"; return; fi
  typeset -a found; builtin compadd -O found "$@"; print -r -- "<match>"${^found}"</match>"; builtin compadd "$@" }'
zpty -w inner 'bindkey "^I" complete-word; zle -C complete-word complete-word ends; function ends() { _main_complete "$@"; print "<end>"; compstate[insert]=; compstate[list]= }; print "<rea""dy>"'
zpty -r -m inner text '*<ready>*'
zpty -n -w inner "$line"$'\t'
zpty -r -m inner text '*<end>*'
zpty -d inner
print -r -- ${(F)${(M)${(s:<match>:)text}:#*</match>*}%%</match>*}
