-- For vim.lsp.enable('ww') of Neovim 0.11 and later.
return {
  cmd = { 'ww', 'lsp' },
  filetypes = { 'ww' },
  root_markers = { 'main.ww', '.git' },
}
