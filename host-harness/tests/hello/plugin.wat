;; The smallest channel there can be. It is ready at once, and answers every
;; command as done. Offsets are those of the canonical ABI for wit/*.wit.
(module
  (memory (export "memory") 16)
  (global $free (mut i32) (i32.const 4096))

  ;; Texts and lists.
  (data (i32.const 0) "hello0.1.0{\"type\":\"object\"}ready")
  ;; At 64: the feature `send`. At 68: state version 1.
  (data (i32.const 64) "\00\00\00\00\01\00\00\00")

  ;; At 128, a descriptor.
  (data (i32.const 128)
    "\00\00\00\00\05\00\00\00"  ;; name
    "\05\00\00\00\05\00\00\00"  ;; version
    "\02\00\00\00"              ;; contract
    "\40\00\00\00\01\00\00\00"  ;; features
    "\00\00\00\00"              ;; (alignment)
    "\00\00\00\00\00\00\00\00"  ;; liveness-ms
    "\0a\00\00\00\11\00\00\00"  ;; config-schema
    "\44\00\00\00\01\00\00\00") ;; state-versions

  ;; At 256, the answer of `start`: ok, one action at 320. At 272, an empty list.
  (data (i32.const 256) "\00\00\00\00\40\01\00\00\01\00\00\00")
  (data (i32.const 320)
    "\0f\00\00\00\00\00\00\00"  ;; status
    "\01\00\00\00"              ;; ready
    "\1b\00\00\00\05\00\00\00") ;; detail

  ;; At 448, the answer of `handle` to a command: one action at 512.
  (data (i32.const 448) "\00\02\00\00\01\00\00\00")
  (data (i32.const 512) "\0b")  ;; complete; its command at 520, ok at 528
  (data (i32.const 544) "\05")  ;; nothing was sent

  (func (export "prx:channel/channel@0.2.0#describe") (result i32)
    i32.const 128)

  (func (export "prx:channel/channel@0.2.0#validate") (param i32 i32) (result i32)
    i32.const 272)

  (func (export "prx:channel/channel@0.2.0#start")
    (param i32 i32 i32 i32 i64 i64 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
    i32.const 256)

  (func (export "prx:channel/channel@0.2.0#handle") (param $envelope i32) (result i32)
    ;; What was given is not needed for longer.
    (global.set $free (i32.const 4096))
    (if (i32.ne (i32.load8_u offset=32 (local.get $envelope)) (i32.const 9))
      (then (return (i32.const 272))))
    (i64.store offset=520 (i32.const 0) (i64.load offset=40 (local.get $envelope)))
    i32.const 448)

  (func (export "cabi_realloc") (param $old i32) (param $had i32) (param $align i32) (param $wants i32)
    (result i32)
    (local $at i32)
    (local.set $at
      (i32.and
        (i32.add (global.get $free) (i32.sub (local.get $align) (i32.const 1)))
        (i32.sub (i32.const 0) (local.get $align))))
    (global.set $free (i32.add (local.get $at) (local.get $wants)))
    (local.get $at)))
