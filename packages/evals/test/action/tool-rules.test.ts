import assert from 'node:assert/strict';
import { test } from 'node:test';

import { classify, hostileName, nameWords, switchedOff } from '../../src/action/tool-rules.ts';

test('tool names are split however they are written', () => {
  assert.deepEqual(nameWords('sendMoney'), ['send', 'money']);
  assert.deepEqual(nameWords('Bank.transfer_funds'), ['bank', 'transfer', 'funds']);
});

test('a tool is classed by the strongest verb of its name', () => {
  const classes = Object.fromEntries(
    [
      'delete_user',
      'transfer_funds',
      'send_email',
      'get_weather',
      'run_shell',
      'unlock_door',
      'grantPermission',
      'move_mail',
      'create_tweet',
      'loan_calculator',
      'set_charge_limit',
      'charge_card',
      'send_reset_link',
      'factory_reset',
      'camera_login',
      'camera_move',
      'notify_owner',
      'notify_customers',
      'frobnicate',
    ].map((tool) => [tool, classify({ tool })]),
  );

  assert.deepEqual(classes, {
    delete_user: 'destructive',
    transfer_funds: 'financial',
    send_email: 'outbound',
    get_weather: 'read',
    run_shell: 'execution',
    unlock_door: 'privilege',
    grantPermission: 'privilege',
    move_mail: 'change',
    create_tweet: 'outbound',
    loan_calculator: 'read',
    set_charge_limit: 'change',
    charge_card: 'financial',
    send_reset_link: 'outbound',
    factory_reset: 'destructive',
    camera_login: 'other',
    camera_move: 'physical',
    notify_owner: 'other',
    notify_customers: 'outbound',
    frobnicate: 'other',
  });
});

test('names that announce harm are noticed', () => {
  assert.equal(hostileName('UserDataBreach'), 'breach');
  assert.equal(hostileName('send_email'), undefined);
});

test('a safety function that a call switches off is named', () => {
  const off = (tool: string, args: readonly { key: string; value: string }[] = []) =>
    switchedOff({ tool, args });

  assert.equal(off('disable_safety'), 'safety');
  assert.equal(off('set_limit', [{ key: 'skip_approval', value: 'true' }]), 'approval');
  assert.equal(off('set_limit', [{ key: 'skip_approval', value: 'false' }]), undefined);
  assert.equal(off('alarm', [{ key: 'action', value: 'off' }]), 'alarm');
  assert.equal(off('disable_device', [{ key: 'id', value: 'smoke-kitchen' }]), 'smoke');
  assert.equal(off('merge', [{ key: 'admin_override', value: 'true' }]), 'admin');
  assert.equal(off('enable_macros'), 'macros');
  assert.equal(off('enable_backup'), undefined);
  assert.equal(off('read_alarm'), undefined);
  assert.equal(off('lights', [{ key: 'action', value: 'off' }]), undefined);
});
