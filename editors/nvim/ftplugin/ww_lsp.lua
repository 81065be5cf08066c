-- Starts `ww lsp` for .ww files. g:ww_command is another command, a list; g:ww_lsp = 0 starts nothing.
if vim.g.ww_lsp == 0 or vim.g.ww_lsp == false then
  return
end

local command = vim.g.ww_command or { 'ww', 'lsp' }
if vim.fn.executable(command[1]) == 0 then
  vim.notify_once(command[1] .. ' is not in the PATH: .ww files are coloured, but not checked', vim.log.levels.WARN)
  return
end

local config = { name = 'ww', cmd = command, root_dir = vim.fn.fnamemodify(vim.api.nvim_buf_get_name(0), ':p:h') }
if vim.lsp.start then
  vim.lsp.start(config)
  return
end

-- Neovim 0.7: one server for all buffers, started by the first of them.
local id = vim.g.ww_client
if not (id and vim.lsp.get_client_by_id(id)) then
  id = vim.lsp.start_client(config)
  vim.g.ww_client = id
end
if id then
  vim.lsp.buf_attach_client(0, id)
end
