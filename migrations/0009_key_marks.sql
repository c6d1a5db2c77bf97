-- A key of another account under an old name would leave the history unread: the key that was used last is known again.
alter table callhouse_sync.budgets add column key_mark text;
comment on column callhouse_sync.budgets.key_mark is 'A mark of the API key that the source was read with last, which tells nothing of the key. With another key, the account is compared before anything is read. Null: whatever key comes next is taken, uncompared.';
