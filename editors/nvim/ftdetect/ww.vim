" Woodwork's .ww files.
autocmd BufRead,BufNewFile *.ww setfiletype ww
