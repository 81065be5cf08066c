" Indentation of .ww files, in Vim and Neovim: four blanks for each bracket that is open.
if exists('b:did_indent')
  finish
endif
let b:did_indent = 1

setlocal indentexpr=WwIndent(v:lnum) indentkeys=0{,0},0],!^F,o,O
let b:undo_indent = 'setlocal indentexpr< indentkeys<'

if exists('*WwIndent')
  finish
endif

" s:Bare is a line without what is in quotes and comments.
function! s:Bare(line)
  let l:text = substitute(a:line, '"\%([^"\\]\|\\.\)*"\|''\%([^''\\]\|\\.\)*''', '', 'g')
  return substitute(l:text, '\%(^\|\s\)\%(#\|//\).*$', '', '')
endfunction

function! WwIndent(lnum)
  let l:above = prevnonblank(a:lnum - 1)
  if l:above == 0
    return 0
  endif
  let l:text = s:Bare(getline(l:above))
  let l:open = len(substitute(l:text, '[^[{]', '', 'g')) - len(substitute(substitute(l:text, '^\s*[]}]\+', '', ''), '[^]}]', '', 'g'))
  let l:indent = indent(l:above) + shiftwidth() * (l:open > 0 ? 1 : l:open < 0 ? -1 : 0)
  if getline(a:lnum) =~# '^\s*[]}]'
    let l:indent -= shiftwidth()
  endif
  return max([l:indent, 0])
endfunction
