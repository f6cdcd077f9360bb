async  def	f(): return 0xf or"é"; 

x