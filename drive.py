import pty, os, sys, time, subprocess, select
pid, fd = pty.fork()
if pid == 0:
    os.execvp("/tmp/ww6", ["ww","dev","--trust","--offline","--debug","fx.py","main.ww"])
out=b""
def until(t, limit=15):
    global out
    end=time.time()+limit
    while t not in out and time.time()<end:
        r,_,_=select.select([fd],[],[],0.2)
        if r:
            try: out+=os.read(fd,4096)
            except OSError: break
    ok = t in out
    i=out.find(t)
    if ok: print(out[:i+len(t)].decode(errors="replace")); out=out[i+len(t):]
    else: print("MISSING",t,out.decode(errors="replace"))
until(b"serving until")
chat=subprocess.Popen(["/tmp/ww6","chat",'call fx.add {"a": 1}'],stdout=subprocess.PIPE,text=True)
until(b"(Pdb) ")
os.write(fd,b"p a, b\n"); until(b"(Pdb) ")
time.sleep(float(sys.argv[1]) if len(sys.argv)>1 else 0)
os.write(fd,b"n\n"); until(b"(Pdb) ")
os.write(fd,b"c\n"); until(b"returned 3")
print("ANSWER", chat.communicate()[0])
chat=subprocess.Popen(["/tmp/ww6","chat",'call fx.bad {}'],stdout=subprocess.PIPE,text=True)
until(b"(Pdb) "); os.write(fd,b"c\n"); until(b"this is where"); until(b"(Pdb) ")
os.write(fd,b"p x\n"); until(b"(Pdb) "); os.write(fd,b"q\n")
print("ANSWER", chat.communicate()[0])
os.write(fd,b"\x03"); until(b"stopped 4")
