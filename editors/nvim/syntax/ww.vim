" Colours for .ww files, in Vim and Neovim.
if exists('b:current_syntax')
  finish
endif

syntax case match
syntax sync minlines=50

" A name, and a place behind which a value may stand or end.
let s:name = '\%(\h\|[^\x00-\x7f]\)\%([[:alnum:]_-]\|[^\x00-\x7f]\)*'
let s:before = '\%([^[:space:]:=,[]\)\@<!'
let s:behind = '\%([^[:space:],}\]]\)\@!'

" Later ones count more than earlier ones where both match.
syntax match wwBare /[^][:space:],}{="'\[#]\+[^][:space:],}{="'\[]*/ contained
execute 'syntax match wwComponent /' . s:before . s:name . s:behind . '/ contained'
execute 'syntax match wwKind /' . s:name . '\%(\.' . s:name . '\|\s\+' . s:name . '\)\?\ze\s*{/ contained'
execute 'syntax match wwNumber /' . s:before . '[+-]\?\%(\d\+\%(\.\d*\)\?\|\.\d\+\)\%([eE][+-]\?\d\+\)\?' . s:behind . '/ contained'
execute 'syntax match wwConstant /\c' . s:before . '\%(true\|false\|null\|none\)' . s:behind . '/ contained'
syntax match wwEnv /\$\%({\h\w*}\|\h\w*\)/ contained

syntax match wwBadEscape /\\./ contained
syntax match wwEscape /\\["'\\ntr]/ contained
syntax region wwString start=/"/ skip=/\\./ end=/"/ oneline contains=wwBadEscape,wwEscape
syntax region wwString start=/'/ skip=/\\./ end=/'/ oneline

syntax cluster wwValue contains=wwBare,wwComponent,wwKind,wwNumber,wwConstant,wwEnv,wwString,wwList,wwBlock,wwComment
syntax region wwList matchgroup=wwBracket start=/\[/ end=/\]/ contained contains=@wwValue
syntax region wwBlock matchgroup=wwBracket start=/{/ end=/}/ contains=wwKey,wwComment,wwBlock,wwList
syntax match wwKey /\%("[^"]*"\|'[^']*'\|[^][:space:]{},:="'#[]\+\)\ze\s*[:=]/ contained nextgroup=wwAssign skipwhite
syntax region wwAssign matchgroup=wwSign start=/[:=]/ end=/$/ end=/\ze[,}\]]/ contained contains=@wwValue

execute 'syntax match wwName /^\s*' . s:name . '\ze\s*=/ nextgroup=wwIs skipwhite'
syntax region wwIs matchgroup=wwSign start=/=/ end=/$/ end=/\ze{/ contained contains=wwHead,@wwValue
execute 'syntax match wwHead /\%(=\s*\)\@<=' . s:name . '\%(\.' . s:name . '\|\s\+' . s:name . '\)\?\ze\s*\%({\|$\)/ contained'

syntax match wwComment /\%([^[:space:]"'}\]{]\)\@<!\%(#\|\/\/\).*/ contains=wwTodo,@Spell
syntax region wwComment start=/\%([^[:space:]"'}\]{]\)\@<!\/\*/ end=/\*\// contains=wwTodo,@Spell
syntax keyword wwTodo TODO FIXME XXX contained

highlight default link wwName Identifier
highlight default link wwHead Type
highlight default link wwKind Type
highlight default link wwKey Label
highlight default link wwComponent Identifier
highlight default link wwBare String
highlight default link wwString String
highlight default link wwEscape SpecialChar
highlight default link wwBadEscape Error
highlight default link wwEnv PreProc
highlight default link wwNumber Number
highlight default link wwConstant Boolean
highlight default link wwBracket Delimiter
highlight default link wwSign Operator
highlight default link wwComment Comment
highlight default link wwTodo Todo

unlet s:name s:before s:behind
let b:current_syntax = 'ww'
